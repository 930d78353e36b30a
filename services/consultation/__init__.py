"""Consultation: residents' texts, kept, counted once and answered."""
