# Copyright 2026 the masting authors
#
# SPDX-License-Identifier: BSD-3-Clause

from spack.package import *


class Masting(AutotoolsPackage):
    """The No-U-Turn Sampler over MPI ranks, for Stan programs and large data."""

    # The project has no page of its own yet: put the release in a mirror, or here as a file.
    homepage = "https://example.org/masting"
    url = "https://example.org/masting/masting-0.1.0.tar.xz"

    license("BSD-3-Clause")

    version("0.1.0")

    depends_on("c", type="build")
    depends_on("pkgconfig", type="build")

    depends_on("openmpi")
    depends_on("hdf5@1.10: +mpi+hl")
    depends_on("lapack")
    depends_on("scalapack@2.1:")
    depends_on("sleef")
    depends_on("random123")
    depends_on("popt")
    depends_on("jansson")
    depends_on("xxhash")
    depends_on("sundials@6: +CVODES+IDA+KINSOL")

    def configure_args(self):
        spec = self.spec
        sundials = spec["sundials"].prefix
        return [
            f"MPICC={spec['mpi'].mpicc}",
            f"LAPACK_LIBS={spec['lapack'].libs.ld_flags}",
            f"SCALAPACK_LIBS={spec['scalapack'].libs.ld_flags}",
            f"CPPFLAGS=-I{spec['random123'].prefix.include}",
            f"SUNDIALS_CFLAGS=-I{sundials.include}",
        ]
