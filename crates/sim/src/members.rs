//! What each member has, found by its number without a search: members are numbered from 1 on, and every event asks for
//! some of them several times.

use primacy_core::id::NodeId;

/// One thing a member, in the order of their numbers.
#[derive(Clone, Debug)]
pub(crate) struct Members<T>(Vec<Option<T>>);

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Members<T> {
    pub(crate) fn insert(&mut self, id: NodeId, item: T) {
        let place = place(id);
        if self.0.len() <= place {
            self.0.resize_with(place + 1, || None);
        }
        self.0[place] = Some(item);
    }

    pub(crate) fn remove(&mut self, id: NodeId) {
        if let Some(item) = self.0.get_mut(place(id)) {
            *item = None;
        }
    }

    #[inline]
    pub(crate) fn get(&self, id: &NodeId) -> Option<&T> {
        self.0.get(place(*id))?.as_ref()
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, id: &NodeId) -> Option<&mut T> {
        self.0.get_mut(place(*id))?.as_mut()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = NodeId> {
        (1..).map(NodeId).zip(&self.0).filter(|(_, item)| item.is_some()).map(|(id, _)| id)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().flatten()
    }
}

/// Nobody has number 0: it is the last place instead, where nothing ever is.
fn place(id: NodeId) -> usize {
    usize::from(id.0.wrapping_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_by_their_numbers() {
        let mut members = Members::default();
        members.insert(NodeId(3), "c");
        members.insert(NodeId(1), "a");
        assert_eq!(members.keys().collect::<Vec<_>>(), [NodeId(1), NodeId(3)]);
        assert_eq!(members.get(&NodeId(3)), Some(&"c"));
        assert_eq!([NodeId(0), NodeId(2), NodeId(4)].map(|id| members.get(&id)), [None; 3]);
        members.remove(NodeId(3));
        members.remove(NodeId(9));
        assert_eq!(members.values().collect::<Vec<_>>(), [&"a"]);
    }
}
