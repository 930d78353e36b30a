"""Reminders: from the court listings feed to texts, outcomes and a comparison of cohorts."""
