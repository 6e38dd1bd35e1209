# src/model: sources of this room
