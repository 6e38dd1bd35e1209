/* tests/unit/linalg_cases.h -- every differentiable routine of linalg.h behind one shape, to test
 * all alike.
 *
 * A case knows what its inputs look like and how large they are for the sizes n, m and k; value,
 * adjoint and the routine for doubles take arrays of pointers.
 */
#ifndef LINALG_CASES_H
#define LINALG_CASES_H

#include <masting/stan/linalg.h>

#define LA_MOST 128 /* elements of the largest array */

static masting_arena arena;
static int n, m, k; /* the sizes at hand */

typedef enum { ANY, SQUARE, SPD, LOWER, APART, SPREAD, WILD } kind;
typedef enum { ONE, N, NN, NM, MN, MM, NK, KM, QN, QM, Q } size;

static inline int count_of(size s) {
  int q = n < m ? n : m;
  const int counts[] = {1, n, n * n, n * m, m * n, m * m, n * k, k * m, n * q, q * m, q};
  return counts[s];
}

typedef const vreal *const *ins;
typedef vreal *const *outs;
typedef struct la_case {
  const char *name;
  kind kinds[2]; /* of the inputs */
  size in[2];
  int nin;
  size out[3];
  int nout;
  void (*value)(ins in, outs out);
  void (*adj)(ins in, ins out, ins out_adj, outs in_adj);
  void (*data)(const double *const *in, double *const *out);
} la_case;

#define UNARY(name, ...)                                                                           \
  static void name##_value(ins in, outs out) { v_##name(&arena, __VA_ARGS__, in[0], out[0]); }     \
  static void name##_adjoint(ins in, ins out, ins out_adj, outs in_adj) {                          \
    v_##name##_adj(&arena, __VA_ARGS__, in[0], out[0], out_adj[0], in_adj[0]);                     \
  }                                                                                                \
  static void name##_data(const double *const *in, double *const *out) {                           \
    d_##name(&arena, __VA_ARGS__, in[0], out[0]);                                                  \
  }
#define BINARY(name, ...)                                                                          \
  static void name##_value(ins in, outs out) {                                                     \
    v_##name(&arena, __VA_ARGS__, in[0], in[1], out[0]);                                           \
  }                                                                                                \
  static void name##_adjoint(ins in, ins out, ins out_adj, outs in_adj) {                          \
    v_##name##_adj(&arena, __VA_ARGS__, in[0], in[1], out[0], out_adj[0], in_adj[0], in_adj[1]);   \
  }                                                                                                \
  static void name##_data(const double *const *in, double *const *out) {                           \
    d_##name(&arena, __VA_ARGS__, in[0], in[1], out[0]);                                           \
  }

BINARY(matmul, n, k, m)
UNARY(crossprod, n, m)
UNARY(tcrossprod, n, m)
UNARY(multiply_lower_tri_self_transpose, n, m)
BINARY(quad_form, n, m)
BINARY(quad_form_sym, n, m)
BINARY(mdivide_left_tri_low, n, m)
BINARY(mdivide_right_tri_low, n, m)
UNARY(cholesky_decompose, n)
BINARY(mdivide_left, n, m)
BINARY(mdivide_right, n, m)
BINARY(mdivide_left_spd, n, m)
BINARY(mdivide_right_spd, n, m)
UNARY(inverse, n)
UNARY(inverse_spd, n)
UNARY(log_determinant, n)
UNARY(log_determinant_spd, n)
UNARY(determinant, n)
UNARY(cumulative_sum, n)
UNARY(log_sum_exp, n)
UNARY(softmax, n)
UNARY(log_softmax, n)
UNARY(norm2, n)
UNARY(eigenvalues_sym, n)
UNARY(eigenvectors_sym, n)
UNARY(qr_thin_Q, n, m)
UNARY(qr_thin_R, n, m)
UNARY(qr_R, n, m)
UNARY(singular_values, n, m)
UNARY(svd_U, n, m)
UNARY(svd_V, n, m)
UNARY(generalized_inverse, n, m)
UNARY(matrix_exp, n)
UNARY(matrix_power, n, k)
UNARY(sort_asc, n)
UNARY(sort_desc, n)

/* With two outputs, or three. */
#define UNARY2(name, ...)                                                                          \
  static void name##_value(ins in, outs out) {                                                     \
    v_##name(&arena, __VA_ARGS__, in[0], out[0], out[1]);                                          \
  }                                                                                                \
  static void name##_adjoint(ins in, ins out, ins out_adj, outs in_adj) {                          \
    v_##name##_adj(&arena, __VA_ARGS__, in[0], out[0], out[1], out_adj[0], out_adj[1], in_adj[0]); \
  }                                                                                                \
  static void name##_data(const double *const *in, double *const *out) {                           \
    d_##name(&arena, __VA_ARGS__, in[0], out[0], out[1]);                                          \
  }
UNARY2(eigendecompose_sym, n)
UNARY2(qr_thin, n, m)

static void svd_value(ins in, outs out) { v_svd(&arena, n, m, in[0], out[0], out[1], out[2]); }
static void svd_adjoint(ins in, ins out, ins out_adj, outs in_adj) {
  v_svd_adj(&arena, n, m, in[0], out[0], out[1], out[2], out_adj[0], out_adj[1], out_adj[2],
            in_adj[0]);
}
static void svd_data(const double *const *in, double *const *out) {
  d_svd(&arena, n, m, in[0], out[0], out[1], out[2]);
}

#define CALLS(name) name##_value, name##_adjoint, name##_data
#define ROW1(name, kind, in, out)                                                                  \
  { #name, {kind }, {in }, 1, {out }, 1, CALLS(name) }
#define ROW2(name, kind1, in1, kind2, in2, out)                                                    \
  { #name, {kind1, kind2 }, {in1, in2 }, 2, {out }, 1, CALLS(name) }

static const la_case cases[] = {
    ROW2(matmul, ANY, NK, ANY, KM, NM),
    ROW1(crossprod, ANY, NM, MM),
    ROW1(tcrossprod, ANY, NM, NN),
    ROW1(multiply_lower_tri_self_transpose, ANY, NM, NN),
    ROW2(quad_form, ANY, NN, ANY, NM, MM),
    ROW2(quad_form_sym, ANY, NN, ANY, NM, MM),
    ROW2(mdivide_left_tri_low, LOWER, NN, ANY, NM, NM),
    ROW2(mdivide_right_tri_low, ANY, MN, LOWER, NN, MN),
    ROW1(cholesky_decompose, SPD, NN, NN),
    ROW2(mdivide_left, SQUARE, NN, ANY, NM, NM),
    ROW2(mdivide_right, ANY, MN, SQUARE, NN, MN),
    ROW2(mdivide_left_spd, SPD, NN, ANY, NM, NM),
    ROW2(mdivide_right_spd, ANY, MN, SPD, NN, MN),
    ROW1(inverse, SQUARE, NN, NN),
    ROW1(inverse_spd, SPD, NN, NN),
    ROW1(log_determinant, SQUARE, NN, ONE),
    ROW1(log_determinant_spd, SPD, NN, ONE),
    ROW1(determinant, SQUARE, NN, ONE),
    ROW1(cumulative_sum, ANY, N, N),
    ROW1(log_sum_exp, ANY, N, ONE),
    ROW1(softmax, ANY, N, N),
    ROW1(log_softmax, ANY, N, N),
    ROW1(norm2, ANY, N, ONE),
    ROW1(eigenvalues_sym, APART, NN, N),
    ROW1(eigenvectors_sym, APART, NN, NN),
    {"eigendecompose_sym", {APART}, {NN}, 1, {N, NN}, 2, CALLS(eigendecompose_sym)},
    ROW1(qr_thin_Q, APART, NM, QN),
    ROW1(qr_thin_R, APART, NM, QM),
    {"qr_thin", {APART}, {NM}, 1, {QN, QM}, 2, CALLS(qr_thin)},
    ROW1(qr_R, APART, NM, NM),
    ROW1(singular_values, APART, NM, Q),
    ROW1(svd_U, APART, NM, QN),
    ROW1(svd_V, APART, NM, QM),
    {"svd", {APART}, {NM}, 1, {QN, Q, QM}, 3, CALLS(svd)},
    ROW1(generalized_inverse, APART, NM, MN),
    ROW1(matrix_exp, WILD, NN, NN),
    ROW1(matrix_power, ANY, NN, NN),
    ROW1(sort_asc, SPREAD, N, N),
    ROW1(sort_desc, SPREAD, N, N),
};
#define NCASES ((int)(sizeof cases / sizeof cases[0]))

static uint64_t seed;

/* Uniform in (-1, 1), from a counter mixed by multiplications and shifts. */
static double random1(void) {
  uint64_t x = seed += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return (double)((x ^ (x >> 31)) >> 11) * 0x1p-52 - 1;
}

static vreal random_lanes(void) {
  vreal x = v_all(0.0);
  for (int lane = 0; lane < MASTING_LANES; lane++) x = v_put(x, lane, random1());
  return x;
}

static void fill(int count, vreal *x) {
  for (int i = 0; i < count; i++) x[i] = random_lanes();
}

static void add_to_lane(vreal *x, int lane, double by) {
  *x = v_put(*x, lane, v_get(*x, lane) + by);
}

/* Random, and far from where a derivative ends. The largest elements of a SQUARE one are off the
 * diagonal, elsewhere in each lane, so that lanes exchange different rows; the eigenvalues and
 * singular values of an APART one are; a SPREAD vector has another order in each lane; WILD ones
 * differ in size from lane to lane. What must not be read is random: above the diagonal. */
static void fill_kind(kind which, int count, vreal *x) {
  fill(count, x);
  for (int lane = 0; lane < MASTING_LANES; lane++) {
    double by = 1 + 0.5 * lane;
    for (int i = 0; which == SPREAD && i < count; i++)
      add_to_lane(&x[i], lane, 4 * ((i * 7 + lane) % n));
    for (int i = 0; which == WILD && i < count; i++)
      x[i] = v_put(x[i], lane, by * (v_get(x[i], lane) - 2 * (i % (n + 1) == 0)));
  }
  if (which == APART && n) {
    int cols = count / n;
    for (int i = 0; i < count; i++) x[i] = 0.4 * x[i];
    for (int i = 0; i < n && i < cols; i++) x[i * cols + i] += 3.0 * (i + 1);
  }
  if (which == SQUARE)
    for (int i = 0; i < n; i++)
      for (int lane = 0; lane < MASTING_LANES; lane++) {
        int j = (i + 1 + lane) % n;
        add_to_lane(&x[i * n + j], lane, 2.0 + 0.2 * n);
      }
  if (which == LOWER)
    for (int i = 0; i < n; i++) x[i * n + i] += (i % 2 ? -1 : 1) * (2.0 + 0.2 * n);
  if (which == SPD) {
    vreal g[LA_MOST];
    fill(count, g);
    for (int i = 0; i < n; i++)
      for (int j = 0; j <= i; j++) {
        vreal sum = v_all(i == j ? 0.5 : 0);
        for (int p = 0; p < n; p++) sum += g[i * n + p] * g[j * n + p];
        x[i * n + j] = sum;
      }
  }
}

#endif
