# docs: pages, a file a line, installed beside README.md so that its links hold there too
pagesdir = $(docdir)/docs
dist_pages_DATA = \
  docs/accuracy.md \
  docs/adaptation.md \
  docs/rotation.md \
  docs/architecture.md \
  docs/checkpoints.md \
  docs/command-line.md \
  docs/compiler.md \
  docs/data.md \
  docs/dependencies.md \
  docs/draws-file.md \
  docs/glossary.md \
  docs/ir.md \
  docs/laplace.md \
  docs/models-in-c.md \
  docs/python.md \
  docs/r.md \
  docs/slurm.md \
  docs/stan-functions.md \
  docs/stan-language.md \
  docs/starting.md \
  docs/testing.md
picturesdir = $(docdir)/docs/images
dist_pictures_DATA = docs/images/diamonds.svg docs/images/python-scatter.png docs/images/python-trace.png
