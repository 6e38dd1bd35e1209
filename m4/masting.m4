dnl m4/masting.m4 -- the checks of configure.ac, one macro a topic.

dnl Says what is missing and under which name the package managers know it.
dnl MASTING_MISSING(what, debian, spack, easybuild)
AC_DEFUN([MASTING_MISSING], [AC_MSG_ERROR([$1 is missing or does not link.
  Debian/Ubuntu: apt-get install $2
  Spack:         spack install $3
  EasyBuild:     $4
See config.log for the failing command.])])

AC_DEFUN([MASTING_CHECK_WARNINGS], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat warnings as errors (CI)])], [],
    [enable_werror=no])
  MASTING_WARN="-Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wno-psabi"
  AS_IF([test "x$enable_werror" = xyes], [MASTING_WARN="$MASTING_WARN -Werror"])
  dnl No contraction across statements and no fast-math: results must not depend on what the compiler fuses where.
  MASTING_FP="-ffp-contract=fast -fno-math-errno -fno-trapping-math"
  AC_SUBST([MASTING_WARN])
  AC_SUBST([MASTING_FP])
])

dnl Hot code is compiled once per x86-64 level; the level is chosen at run time.
AC_DEFUN([MASTING_CHECK_ISA], [
  AC_ARG_ENABLE([isa-variants], [AS_HELP_STRING([--disable-isa-variants],
    [build the hot code for the compiler's own flags only])], [], [enable_isa_variants=auto])
  masting_isa_levels="base (CFLAGS)"
  masting_isa=no
  AS_IF([test "x$enable_isa_variants" != xno], [
    AS_CASE([$host_cpu], [x86_64], [
      masting_save_CFLAGS=$CFLAGS
      CFLAGS="$CFLAGS -march=x86-64-v4"
      AC_MSG_CHECKING([whether $CC takes -march=x86-64-v4])
      AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])], [masting_isa=yes], [masting_isa=no])
      AC_MSG_RESULT([$masting_isa])
      CFLAGS=$masting_save_CFLAGS])])
  AS_IF([test "x$masting_isa" = xyes], [
    masting_isa_levels="base, x86-64-v3, x86-64-v4, chosen at run time"
    AC_DEFINE([MASTING_HAVE_ISA_VARIANTS], [1], [hot code is built for several SIMD levels])])
  AM_CONDITIONAL([ISA_VARIANTS], [test "x$masting_isa" = xyes])
])

AC_DEFUN([MASTING_CHECK_LIBS], [
  PKG_PROG_PKG_CONFIG
  dnl HDF5, parallel: pkg-config first, then a link test of what only a parallel build has.
  PKG_CHECK_MODULES([HDF5], [hdf5-openmpi], [], [PKG_CHECK_MODULES([HDF5], [hdf5-mpi], [],
    [PKG_CHECK_MODULES([HDF5], [hdf5], [], [
      AC_PATH_PROG([H5PCC], [h5pcc])
      AS_IF([test "x$H5PCC" != x], [
        HDF5_CFLAGS=`$H5PCC -showconfig 2>/dev/null | sed -n 's/^ *Installation point: *\(.*\)/-I\1\/include/p'`
        HDF5_LIBS=`$H5PCC -showconfig 2>/dev/null | sed -n 's/^ *Installation point: *\(.*\)/-L\1\/lib -lhdf5/p'`
      ])])])])
  masting_save_LIBS=$LIBS; masting_save_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="$CPPFLAGS $HDF5_CFLAGS"
  LIBS="$HDF5_LIBS -lhdf5_hl $LIBS"
  AS_CASE([$HDF5_LIBS], [*hdf5_openmpi*], [HDF5_HL=-lhdf5_openmpi_hl], [HDF5_HL=-lhdf5_hl])
  LIBS="$HDF5_HL $HDF5_LIBS $masting_save_LIBS"
  AC_MSG_CHECKING([for parallel HDF5 with H5DS])
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <hdf5.h>
#include <hdf5_hl.h>
#include <mpi.h>]], [[H5Pset_fapl_mpio(H5Pcreate(H5P_FILE_ACCESS), MPI_COMM_WORLD, MPI_INFO_NULL);
      return H5DSset_scale(0, "x");]])],
    [AC_MSG_RESULT([yes])], [AC_MSG_RESULT([no])
      MASTING_MISSING([parallel HDF5 (H5Pset_fapl_mpio, H5DSset_scale)], [libhdf5-openmpi-dev],
        [hdf5+mpi+hl], [module load HDF5 (built with an MPI toolchain)])])
  masting_hdf5_version=`echo '#include <H5public.h>
H5_VERS_INFO' | $CC $CPPFLAGS -E - 2>/dev/null | sed -n 's/^"HDF5 library version: \(.*\)"/\1/p'`
  LIBS=$masting_save_LIBS; CPPFLAGS=$masting_save_CPPFLAGS
  AC_SUBST([HDF5_HL])

  PKG_CHECK_MODULES([SLEEF], [sleef], [], [MASTING_MISSING([SLEEF (SIMD maths)], [libsleef-dev], [sleef],
    [module load SLEEF])])
  PKG_CHECK_MODULES([POPT], [popt], [], [MASTING_MISSING([popt (options)], [libpopt-dev], [popt],
    [module load popt])])
  PKG_CHECK_MODULES([JANSSON], [jansson], [], [MASTING_MISSING([jansson (JSON)], [libjansson-dev],
    [jansson], [module load Jansson])])
  PKG_CHECK_MODULES([XXHASH], [libxxhash], [], [MASTING_MISSING([xxHash (hashes)], [libxxhash-dev],
    [xxhash], [module load xxHash])])
  AC_CHECK_HEADER([Random123/threefry.h], [], [MASTING_MISSING([Random123 (random numbers)],
    [librandom123-dev], [random123], [module load Random123])])
  dnl SUNDIALS has no pkg-config file: SUNDIALS_CFLAGS and SUNDIALS_LIBS say where it is, if the compiler does not know.
  AC_ARG_VAR([SUNDIALS_CFLAGS], [flags to find the headers of SUNDIALS])
  AC_ARG_VAR([SUNDIALS_LIBS], [flags to link CVODES of SUNDIALS])
  AS_IF([test "x$SUNDIALS_LIBS" = x],
    [SUNDIALS_LIBS="-lsundials_cvodes -lsundials_nvecserial -lsundials_sunmatrixdense -lsundials_sunlinsoldense"])
  masting_save_LIBS=$LIBS; masting_save_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="$CPPFLAGS $SUNDIALS_CFLAGS"
  AC_MSG_CHECKING([for CVODES and KINSOL of SUNDIALS 6 or later])
  m4_define([MASTING_SUNDIALS_TEST], [AC_LANG_PROGRAM([[#include <cvodes/cvodes.h>
#include <kinsol/kinsol.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>]], [[SUNContext context; N_Vector y = N_VNew_Serial(1, context);
      SUNMatrix a = SUNDenseMatrix(1, 1, context);
      return CVodeCreate(CV_BDF, context) == NULL || KINCreate(context) == NULL || SUNLinSol_Dense(y, a, context) == NULL;]])])
  LIBS="-lsundials_kinsol $SUNDIALS_LIBS $masting_save_LIBS"
  AC_LINK_IFELSE([MASTING_SUNDIALS_TEST], [masting_sundials=yes], [
    dnl from 7 on, what all parts share is a library of its own
    SUNDIALS_LIBS="$SUNDIALS_LIBS -lsundials_core"
    LIBS="-lsundials_kinsol $SUNDIALS_LIBS $masting_save_LIBS"
    AC_LINK_IFELSE([MASTING_SUNDIALS_TEST], [masting_sundials=yes], [masting_sundials=no])])
  AC_MSG_RESULT([$masting_sundials])
  AS_IF([test "x$masting_sundials" = xno], [MASTING_MISSING([SUNDIALS 6 or later (differential and algebraic equations)],
    [libsundials-dev], [sundials], [module load SUNDIALS])])
  LIBS=$masting_save_LIBS; CPPFLAGS=$masting_save_CPPFLAGS
  PKG_CHECK_MODULES([CMOCKA], [cmocka], [masting_have_cmocka=yes], [masting_have_cmocka="no (make check needs libcmocka-dev)"])
  AM_CONDITIONAL([HAVE_CMOCKA], [test "x$masting_have_cmocka" = xyes])
  AC_SEARCH_LIBS([dlopen], [dl])
  AC_SEARCH_LIBS([exp], [m])
])

dnl BLAS, LAPACK and ScaLAPACK. OpenBLAS is asked for first and stands before ScaLAPACK's own BLAS, so that one library
dnl does it all and the number of its threads can be set. LAPACK_LIBS and SCALAPACK_LIBS name others.
AC_DEFUN([MASTING_CHECK_LINALG], [
  PKG_CHECK_MODULES([LAPACK], [openblas], [], [PKG_CHECK_MODULES([LAPACK], [flexiblas], [],
    [PKG_CHECK_MODULES([LAPACK], [lapack blas], [], [LAPACK_LIBS=])])])
  masting_save_LIBS=$LIBS
  LIBS="$LAPACK_LIBS $masting_save_LIBS"
  AC_MSG_CHECKING([for LAPACK and BLAS])
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[void dgemm_(void); void dpotrf_(void); void dsyevd_(void); void ilaver_(void);]],
      [[dgemm_(); dpotrf_(); dsyevd_(); ilaver_();]])],
    [AC_MSG_RESULT([yes])], [AC_MSG_RESULT([no])
      MASTING_MISSING([LAPACK (dpotrf, dsyevd; LAPACK_LIBS names another)], [libopenblas-dev], [openblas],
        [module load OpenBLAS or FlexiBLAS])])
  AC_CHECK_FUNCS([openblas_set_num_threads openblas_get_config openblas_get_corename])
  PKG_CHECK_MODULES([SCALAPACK], [scalapack-openmpi], [], [PKG_CHECK_MODULES([SCALAPACK], [scalapack], [],
    [SCALAPACK_LIBS=])])
  LIBS="$LAPACK_LIBS $SCALAPACK_LIBS $LAPACK_LIBS $masting_save_LIBS"
  AC_MSG_CHECKING([for ScaLAPACK over this MPI])
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[void pdpotrf_(void); void pdsyevd_(void); void Cblacs_gridmap(void);]],
      [[pdpotrf_(); pdsyevd_(); Cblacs_gridmap();]])],
    [AC_MSG_RESULT([yes])], [AC_MSG_RESULT([no])
      MASTING_MISSING([ScaLAPACK (pdpotrf, pdsyevd; SCALAPACK_LIBS names another)],
        [libscalapack-openmpi-dev], [netlib-scalapack], [module load ScaLAPACK (built with the same MPI)])])
  LIBS=$masting_save_LIBS
  masting_scalapack_version=
  for name in scalapack-openmpi scalapack; do
    AS_IF([test "x$masting_scalapack_version" = x],
      [masting_scalapack_version=`$PKG_CONFIG --modversion $name 2>/dev/null`])
  done
  AC_DEFINE_UNQUOTED([MASTING_SCALAPACK_VERSION], ["${masting_scalapack_version:-of unknown version}"],
    [ScaLAPACK has no function that tells])
])

AC_DEFUN([MASTING_ENABLE_MODES], [
  AC_ARG_ENABLE([sanitizers], [AS_HELP_STRING([--enable-sanitizers],
    [build with the address and undefined-behaviour sanitizers])], [], [enable_sanitizers=no])
  AC_ARG_ENABLE([coverage], [AS_HELP_STRING([--enable-coverage], [build for gcov])], [],
    [enable_coverage=no])
  dnl -O1: for models, which are compiled with it; CFLAGS decide for masting itself.
  AS_IF([test "x$enable_sanitizers" = xyes], [MASTING_MODE="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1"])
  AS_IF([test "x$enable_coverage" = xyes], [MASTING_MODE="$MASTING_MODE --coverage"])
  AC_SUBST([MASTING_MODE])
  # Programs of tests/fuzz are always sanitized, where the compiler can.
  AC_CACHE_CHECK([for sanitizers], [masting_cv_sanitizers],
    [masting_save_CFLAGS=$CFLAGS
     CFLAGS="$CFLAGS -fsanitize=address,undefined"
     AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [masting_cv_sanitizers=yes], [masting_cv_sanitizers=no])
     CFLAGS=$masting_save_CFLAGS])
  MASTING_SANITIZE=
  AS_IF([test "x$masting_cv_sanitizers" = xyes],
    [MASTING_SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=undefined"])
  AC_SUBST([MASTING_SANITIZE])
])
