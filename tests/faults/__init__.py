"""The fault campaign: real processes of Heed are killed, cut off and lied to, and the carrier's own record is counted."""
