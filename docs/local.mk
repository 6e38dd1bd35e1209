# docs: what this folder adds to the build and the tarball
EXTRA_DIST += docs/models-in-c.md
EXTRA_DIST += docs/architecture.md docs/dependencies.md
EXTRA_DIST += docs/command-line.md docs/slurm.md
EXTRA_DIST += docs/data.md
EXTRA_DIST += docs/draws-file.md docs/laplace.md docs/adaptation.md
EXTRA_DIST += docs/stan-language.md docs/stan-functions.md docs/compiler.md
EXTRA_DIST += docs/starting.md
