# tests/env.sh -- the environment that every test runs in; sourced, not run.
#
# Open MPI: root and more ranks than cores are allowed, ranks are not bound and yield when idle (a
# test machine has few cores), shared memory only, no kernel copies (containers forbid them), no
# search for fabrics. cmocka aborts at a failed test: one rank that goes on alone would hang the rest.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_pml="${OMPI_MCA_pml:-ob1}" OMPI_MCA_btl="${OMPI_MCA_btl:-self,vader}"
export OMPI_MCA_btl_vader_single_copy_mechanism=none
export OMPI_MCA_btl_base_warn_component_unused=0
export PMIX_MCA_gds=hash
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
export CMOCKA_TEST_ABORT=1
# Messages are compared whole: always in English, with a decimal point.
export LC_ALL=C.UTF-8
# Seconds after which a test is stopped and fails. Generous: it is there against hangs alone.
: "${MASTING_TEST_TIMEOUT:=600}"
export MASTING_TEST_TIMEOUT
