# src/nuts: sources of this room
