//! What an attacker, a scalper, a confused frontend and a careless tenant send: the same tables
//! over HTTP through the local gateway and as events of the Runtime API, with the books compared
//! before and after.

mod ask;
mod canaries;
mod cors;
mod equal;
mod forgeries;
mod hostile;
mod limits;
mod matrix;
mod passwords;
mod scene;
mod sign_ins;
mod standing;
mod supply;
mod turns;
mod watch;
