# tests/stat
