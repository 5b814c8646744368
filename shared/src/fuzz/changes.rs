//! Changes to a JSON value, so that it is almost valid.

use super::{
    json::{any_value, key},
    text::{Edit, edited, edits},
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::Value;

/// One change to an object. The `usize` selects one of all values in it, modulo their number.
#[derive(Clone, Debug)]
pub enum Change {
    Put(usize, Value),
    Remove(usize),
    Add(usize, String, Value),
    Spoil(usize, Vec<Edit>),
}

pub fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = any::<u8>().prop_map(usize::from);
    let field = prop_oneof![
        2 => key(),
        1 => select(vec!["appId", "email", "limit", "seatIds", "metadata", "isActive"]).prop_map(str::to_owned),
    ];
    let change = prop_oneof![
        2 => (at.clone(), any_value()).prop_map(|(at, value)| Change::Put(at, value)),
        2 => at.clone().prop_map(Change::Remove),
        1 => (at.clone(), field, any_value()).prop_map(|(at, key, value)| Change::Add(at, key, value)),
        4 => (at, edits(2)).prop_map(|(at, edits)| Change::Spoil(at, edits)),
    ];
    vec(change, 0..3)
}

/// The JSON pointers of all values inside, the outermost first.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let mut inside = |step: &str, value| {
        pointers(value, &format!("{at}/{}", step.replace('~', "~0").replace('/', "~1")), found);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| inside(key, value)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(n, value)| inside(&n.to_string(), value))
        }
        _ => {}
    }
}

pub fn apply(input: &mut Value, change: Change) {
    let mut all = Vec::new();
    pointers(input, "", &mut all);
    let place = |at: usize| all[at % all.len()].clone();
    match change {
        Change::Put(at, value) => {
            // The body itself stays an object: anything else is refused earlier.
            if let Some(target) =
                Some(place(at)).filter(|at| !at.is_empty()).and_then(|at| input.pointer_mut(&at))
            {
                *target = value;
            }
        }
        Change::Remove(at) => {
            let pointer = place(at);
            let Some((parent, last)) = pointer.rsplit_once('/') else { return };
            match input.pointer_mut(parent) {
                Some(Value::Object(map)) => {
                    drop(map.shift_remove(&last.replace("~1", "/").replace("~0", "~")))
                }
                Some(Value::Array(values)) => drop(values.remove(last.parse().unwrap())),
                _ => {}
            }
        }
        Change::Add(at, key, value) => match input.pointer_mut(&place(at)) {
            Some(Value::Object(map)) => drop(map.insert(key, value)),
            Some(Value::Array(values)) => values.push(value),
            _ => {}
        },
        Change::Spoil(at, edits) => match input.pointer_mut(&place(at)) {
            Some(Value::String(text)) => *text = edited(text, &edits),
            Some(Value::Number(number)) => {
                let text = edited(&number.to_string(), &edits);
                *number = text.parse().unwrap_or_else(|_| number.clone());
            }
            _ => {}
        },
    }
}
