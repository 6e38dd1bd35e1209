# bench: what this folder adds to the build and the tarball
