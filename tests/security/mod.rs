//! Requests of an attacker, a scalper, a confused frontend and a careless tenant. They come
//! over HTTP through the local gateway, and as events of the Runtime API. All stored data is
//! compared before and after.

mod account_enumeration;
mod canaries;
mod cors;
mod dependencies;
mod fixture;
mod forgeries;
mod hold_cycling;
mod hostile;
mod limits;
mod matrix;
mod passwords;
mod request;
mod sign_ins;
mod stored_state;
mod token_revocation;
mod webhook_addresses;
