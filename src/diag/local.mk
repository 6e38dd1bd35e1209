# src/diag: sources of this room
