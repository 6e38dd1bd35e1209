# packaging: recipes for package managers, which build the release; nothing of it is built or installed by make
EXTRA_DIST += CITATION.cff packaging/README.md packaging/build_deb.sh packaging/modulefile packaging/apptainer.def \
  packaging/conda/recipe.yaml packaging/spack/package.py packaging/easybuild/masting-0.1.0-foss-2024a.eb \
  packaging/easybuild/SLEEF-3.6.1-GCCcore-13.3.0.eb \
  packaging/debian/changelog packaging/debian/control packaging/debian/copyright packaging/debian/rules \
  packaging/debian/source/format packaging/debian/tests/control packaging/debian/tests/example
