# src/target: sources of this room
