# src/adapt: sources of this room
