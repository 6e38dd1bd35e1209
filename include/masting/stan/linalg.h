/* masting/stan/linalg.h -- matrices and vectors of generated models, with reverse-mode adjoints.
 *
 * Arrays are row-major and dense: A[r * cols + c]. Each routine exists for data (d_NAME, double)
 * and for parameters (v_NAME, vreal: every lane is a matrix of its own). For a routine with inputs
 * A, B and output Y:
 *
 *   void v_NAME(masting_arena *, int sizes.., const vreal *A, const vreal *B, vreal *Y);
 *   void v_NAME_adj(masting_arena *, int sizes.., const vreal *A, const vreal *B, const vreal *Y,
 *                   const vreal *Y_adj, vreal *A_adj, vreal *B_adj);
 *
 *   Y       is set. It overlaps no input.
 *   Y_adj   is read; the caller zeroes it when the sweep is past Y.
 *   A_adj   += the derivative. NULL: not wanted. If A and B are one array, these may be.
 *   scratch comes from the arena and is given back. Nothing else is touched: the routines are pure.
 *
 * Several outputs, and then their adjoints, come in the order of v_NAME: A, values, vectors,
 * values_adj, vectors_adj, A_adj. One of several adjoints may be NULL: zero.
 *
 * A lane never sees another: a failure (a matrix that is singular, or not positive definite, where
 * it has to be) makes that lane's whole output NaN, which the sampler takes as a divergence, and no
 * other's. Sums are formed in an order that depends on sizes alone, so a lane has the same bits
 * beside any other lanes.
 *
 * Symmetric inputs (cholesky_decompose, ..._spd, ..._sym) are read in their lower triangle, and
 * their adjoint goes there: it is the derivative of what is computed. quad_form_sym reads all of A.
 * Sizes may be 0. No LAPACK: the matrices of a model are small, and lanes fill the vector unit.
 *
 * What there is, by file:
 *   linalg_dense.h   products; solves with a triangle
 *   linalg_factor.h  Cholesky and LU; solves, inverses, determinants
 *   linalg_vector.h  cumulative_sum, log_sum_exp, softmax, norm2
 *   linalg_eigen.h   symmetric eigenvalues and eigenvectors
 *   linalg_qr.h      QR
 *   linalg_expm.h    exponentials and powers of matrices
 *   linalg_svd.h     singular values and vectors, generalized inverse
 *   linalg_sort.h    sorting; integers (i_NAME) too
 *   hypergeometric.h pFq: no matrices, and a routine like these
 * and beside each its adjoints, linalg_*_adj.h. They are parts of this header, not to be included
 * by others; those that say so are included twice, with LA_T the type and LA_F(name) the name,
 * d_name or v_name.
 */
#ifndef MASTING_STAN_LINALG_H
#define MASTING_STAN_LINALG_H

#include <masting/lanes.h>
#include <masting/stan/arena.h>

/* A routine: generated code calls some of them, each is compiled once. */
#define LA_ROUTINE __attribute__((noinline, unused)) static void
#define LA_INLINE __attribute__((unused)) static inline
#define LA_NAN __builtin_nan("")

/* What is not the same in C for double and for a vector of doubles. Masks: all bits set or none. */
LA_INLINE double d_la_all(double x) { return x; }
LA_INLINE int64_t d_la_lt(double a, double b) { return -(int64_t)(a < b); }
LA_INLINE int64_t d_la_eq(double a, double b) { return -(int64_t)(a == b); }
LA_INLINE double d_la_where(int64_t m, double a, double b) { return m ? a : b; }
LA_INLINE int d_la_any(int64_t m) { return m != 0; }
LA_INLINE double d_la_abs(double x) { return fabs(x); }
LA_INLINE double d_la_sqrt(double x) { return sqrt(x); }
LA_INLINE double d_la_exp(double x) { return d_exp_sleef_(x); }
LA_INLINE double d_la_log(double x) { return d_log_sleef_(x); }

LA_INLINE vreal v_la_all(double x) { return v_all(x); }
LA_INLINE vmask v_la_lt(vreal a, vreal b) { return v_lt(a, b); }
LA_INLINE vmask v_la_eq(vreal a, vreal b) {
#if MASTING_LANES == 1
  return -(int64_t)(a == b);
#else
  return (vmask)(a == b);
#endif
}
LA_INLINE vreal v_la_where(vmask m, vreal a, vreal b) { return v_where(m, a, b); }
LA_INLINE int v_la_any(vmask m) {
#if MASTING_LANES == 1
  return m != 0;
#else
  int64_t any = 0;
  for (int lane = 0; lane < MASTING_LANES; lane++) any |= m[lane];
  return any != 0;
#endif
}
LA_INLINE vreal v_la_abs(vreal x) { return v_abs(x); }
LA_INLINE vreal v_la_sqrt(vreal x) { return v_sqrt(x); }
LA_INLINE vreal v_la_exp(vreal x) { return v_exp(x); }
LA_INLINE vreal v_la_log(vreal x) { return v_log(x); }

#define LA_T double
#define LA_MASK int64_t
#define LA_F(name) d_##name
#include <masting/stan/linalg_dense.h>
#include <masting/stan/linalg_factor.h>
#include <masting/stan/linalg_vector.h>
#include <masting/stan/linalg_eigen.h>
#include <masting/stan/linalg_qr.h>
#include <masting/stan/linalg_expm.h>
#undef LA_T
#undef LA_MASK
#undef LA_F

#define LA_T vreal
#define LA_MASK vmask
#define LA_F(name) v_##name
#include <masting/stan/linalg_dense.h>
#include <masting/stan/linalg_factor.h>
#include <masting/stan/linalg_vector.h>
#include <masting/stan/linalg_eigen.h>
#include <masting/stan/linalg_qr.h>
#include <masting/stan/linalg_expm.h>
#undef LA_T
#undef LA_MASK
#undef LA_F

#include <masting/stan/linalg_svd.h>
#include <masting/stan/linalg_sort.h>

#include <masting/stan/linalg_dense_adj.h>
#include <masting/stan/linalg_factor_adj.h>
#include <masting/stan/linalg_vector_adj.h>
#include <masting/stan/linalg_eigen_adj.h>
#include <masting/stan/linalg_qr_adj.h>
#include <masting/stan/linalg_expm_adj.h>
#include <masting/stan/linalg_svd_adj.h>

#include <masting/stan/hypergeometric.h>

#endif
