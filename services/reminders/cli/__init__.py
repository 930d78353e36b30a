"""`heed reminders …`: one thin function a command, the commands of one matter in one file."""
