use crate::scenario::Scenario;
use crate::world::World;

/// A client that was deaf while a reply came: the next reply must not be taken for it.
const DEAF_BETWEEN_TWO_REPLIES: &str = "rgEBAwABAIAInAHAA-gHAwEAkE4CAQAAAAAAAegHCAABUugHANwLAQAB0IYDAQEAAQAAAQHIAQkAAHXcCwEAAtCGAwEDAAA\
    BAQABMgTQDwFn6AcB9AMBCoMkgwkPBJK1AasJCwAC7L8B9xoVAvnQAcQBDQGO8gHiNg4B5JsCjA0VAbelArYBDAABAe-oAg\
    EWAQDvqAIBEO-oAgEWAQEAAgDwqALAtQPg1AM";

#[test]
fn a_deaf_client_reads_every_reply_in_order_afterwards() {
    let mut world = World::new(Scenario::decode(DEAF_BETWEEN_TWO_REPLIES).expect("a link"));
    world.run_to_end();
    assert!(world.violation().is_none(), "{:?}", world.violation());
}
