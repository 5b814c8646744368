//! A model of how a seat is held and sold.
