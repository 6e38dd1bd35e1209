# python: the package that runs the program from Python; built by pip, not by make
EXTRA_DIST += python/pyproject.toml python/setup.py python/README.md python/src/masting/__init__.py \
  python/src/masting/_commands.py python/src/masting/_data.py python/src/masting/_draws.py \
  python/src/masting/_program.py python/src/masting/py.typed python/tests/test_masting.py
