# src/data: sources of this room
