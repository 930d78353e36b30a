"""`heed consultation …`: one thin function a command, one file a matter."""
