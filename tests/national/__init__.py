"""A national day, simulated: one and a half million people of 43 forces, three steps of reminders, on real processes."""
