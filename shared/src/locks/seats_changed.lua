-- Counts a change of an entity's seats (see seat_changes.lua).
-- KEYS: the entity's version.
-- Returns the new version.
return count_seat_change(KEYS[1])
