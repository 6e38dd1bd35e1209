# src/run: sources of this room
