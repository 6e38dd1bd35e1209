# src/store: sources of this room
