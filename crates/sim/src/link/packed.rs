//! A run as few bytes.

use primacy_core::group::spec::GroupSpec;
use primacy_core::order;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::LinkError;
use crate::command::Command;
use crate::engine::{GALLERY, preset};
use crate::lesson::LESSONS;
use crate::scenario::{MAX_PLAN, Scenario};

/// How the run begins: 0 the whole scenario, 1 and on a preset, from here on a lesson.
const LESSON: u32 = 1000;
const WHOLE: u32 = 0;

pub(super) fn write(scenario: &Scenario, engine: u32) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend(engine.to_le_bytes());
    let bare = Scenario { commands: Vec::new(), ..scenario.clone() };
    match number_of(&bare) {
        Some(number) => {
            put(&mut body, &number);
            put(&mut body, &bare.seed);
        }
        None => {
            put(&mut body, &WHOLE);
            put(&mut body, &bare);
            put(&mut body, &bare.declared);
        }
    }
    write_commands(&mut body, &scenario.commands);
    let mut bytes = Vec::new();
    put(&mut bytes, &(body.len() + 4));
    bytes.extend(&body);
    bytes.extend(crc32(&body).to_le_bytes());
    bytes
}

fn write_commands(body: &mut Vec<u8>, commands: &[(u32, Command)]) {
    put(body, &commands.len());
    let mut commands: Vec<&(u32, Command)> = commands.iter().collect();
    order::sort_by_key(&mut commands, |(at, _)| *at);
    let (mut before, mut known) = (0, Vec::<&Command>::new());
    for (at, command) in commands {
        put(body, &at.saturating_sub(before));
        before = *at;
        match known.iter().position(|other| *other == command) {
            Some(place) => put(body, &(place + 1)),
            None => {
                put(body, &0u8);
                put(body, command);
                known.push(command);
            }
        }
    }
}

pub(super) fn read(bytes: &[u8]) -> Result<(u32, Scenario), LinkError> {
    let mut rest = bytes;
    let Ok(len) = take::<usize>(&mut rest) else { return Err(LinkError::Cut(0)) };
    if rest.len() < len {
        return Err(LinkError::Cut(0));
    }
    let (Some((body, check)), true) = (rest.split_last_chunk::<4>(), rest.len() == len) else {
        return Err(LinkError::NotAScenario);
    };
    if crc32(body) != u32::from_le_bytes(*check) {
        return Err(LinkError::Damaged);
    }
    let (engine, mut rest) = body.split_first_chunk::<4>().ok_or(LinkError::NotAScenario)?;
    let rest = &mut rest;
    let number: u32 = take(rest)?;
    let mut scenario = if number == WHOLE {
        let mut scenario: Scenario = take(rest)?;
        scenario.declared = take::<Option<Box<GroupSpec>>>(rest)?;
        scenario
    } else {
        let base = numbered(number).ok_or(LinkError::OtherFormat)?;
        Scenario { seed: take(rest)?, ..base }
    };
    scenario.commands = read_commands(rest)?;
    if rest.is_empty() { Ok((u32::from_le_bytes(*engine), scenario)) } else { Err(LinkError::NotAScenario) }
}

fn read_commands(rest: &mut &[u8]) -> Result<Vec<(u32, Command)>, LinkError> {
    let count: usize = take(rest)?;
    if count > MAX_PLAN {
        return Err(LinkError::Refused("at most 4096 faults and commands"));
    }
    let (mut at, mut known, mut commands) = (0u32, Vec::<Command>::new(), Vec::new());
    for _ in 0..count {
        at = at.saturating_add(take(rest)?);
        let place: usize = take(rest)?;
        if place == 0 {
            known.push(take(rest)?);
        }
        let command = match place {
            0 => known.last(),
            place => known.get(place - 1),
        };
        commands.push((at, command.cloned().ok_or(LinkError::NotAScenario)?));
    }
    Ok(commands)
}

/// The number of a preset or a lesson that begins like this, but for its seed.
fn number_of(bare: &Scenario) -> Option<u32> {
    let presets = (1..).zip(GALLERY).map(|(number, _)| number);
    let lessons = (LESSON..).zip(LESSONS).map(|(number, _)| number);
    presets
        .chain(lessons)
        .find(|number| numbered(*number).is_some_and(|base| Scenario { seed: bare.seed, ..base } == *bare))
}

/// How a preset or a lesson begins, without what is done in it.
fn numbered(number: u32) -> Option<Scenario> {
    let base = match number.checked_sub(LESSON) {
        Some(lesson) => (LESSONS.get(lesson as usize)?.setup)(),
        None => preset(GALLERY.get(number.checked_sub(1)? as usize)?.0)?,
    };
    Some(Scenario { commands: Vec::new(), ..base })
}

fn put(bytes: &mut Vec<u8>, value: &impl Serialize) {
    // Only a sequence of unknown length cannot be written, and there is none.
    bytes.extend(postcard::to_allocvec(value).unwrap_or_default());
}

fn take<T: DeserializeOwned>(rest: &mut &[u8]) -> Result<T, LinkError> {
    let (value, after) = postcard::take_from_bytes(rest).map_err(|_| LinkError::NotAScenario)?;
    *rest = after;
    Ok(value)
}

/// CRC-32 as in zip and PNG.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ (0xedb8_8320 * (crc & 1)))
    };
    !bytes.iter().fold(!0, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
