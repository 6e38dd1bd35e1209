/* gallery/glm.h -- the core of generalised linear models: eta = alpha + X beta, and its gradient.
 *
 * Rows are taken in tiles small enough for the first-level cache: a tile's eta is formed, the model
 * turns it into residuals d lp / d eta, and the tile's X is read again, now from cache, for the
 * gradient; meanwhile the next tile is fetched from memory. So X is read from memory once. All
 * lanes share each load of X; with one lane the registers run along the columns instead. float X is
 * widened to double a tile at a time. Tile sizes follow from P alone.
 *
 * Globals must be alpha, beta[P] and then others. Layout of a tile's eta: [rows][lanes], padded.
 */
#ifndef MST_MODEL_GALLERY_GLM_H
#define MST_MODEL_GALLERY_GLM_H

#include <masting/model_abi.h>

#include "model/gallery/wide.h"

#define GLM_MOST_ROWS 64
#define GLM_TILE_BYTES 8192 /* with the next tile, theta and its gradient: a first-level cache */

/* What a model adds: turns eta[0 .. n-1] (flat: rows * MASTING_LANES padded to whole registers)
 * into residuals in place and keeps its sums in `sums`; y[rows, padded] belongs to the tile. */
typedef struct glm_sums {
  wide lp;     /* flat: folded over registers at the end */
  wide square; /* of plain residuals */
} glm_sums;
typedef void glm_residual(double *eta, int n, const double *y, const void *context, glm_sums *sums);

static inline int glm_tile_rows(int64_t P) {
  int64_t rows = GLM_TILE_BYTES / 8 / P / 8 * 8;
  return rows < 8 ? 8 : rows > GLM_MOST_ROWS ? GLM_MOST_ROWS : (int)rows;
}

/* Room for a tile of float X widened to double. */
static inline size_t glm_scratch_bytes(int64_t P) {
  return (size_t)(glm_tile_rows(P) * P) * sizeof(double);
}

/* Element i of a flat register starting at flat index f belongs to this row. */
WIDE_INLINE wide glm_broadcast(const double *y, int f) {
#if MASTING_LANES >= WIDE
  return wide_all(y[f / MASTING_LANES]);
#else
  wide w = {0};
  for (int i = 0; i < WIDE; i++) w[i] = y[(f + i) / MASTING_LANES];
  return w;
#endif
}

#if MASTING_LANES > 1

/* Rows, or columns, taken together: all lanes of them fill eight registers of sums, enough to hide
 * the latency of an addition. Each load of x then serves all parts of the lanes. */
#define GLM_TOGETHER (PARTS < 8 ? 8 / PARTS : 1)

/* eta of R rows; each load of beta is shared by them. */
WIDE_INLINE void glm_eta_rows(int R, const double *x, int64_t P, const double *theta, double *eta) {
  part acc[GLM_TOGETHER][PARTS];
#pragma GCC unroll 8
  for (int r = 0; r < R; r++)
#pragma GCC unroll 8
    for (int p = 0; p < PARTS; p++) acc[r][p] = part_load(theta + p * PART);
  for (int64_t j = 0; j < P; j++) {
    const double *beta = theta + (1 + j) * MASTING_LANES;
    part b[PARTS];
#pragma GCC unroll 8
    for (int p = 0; p < PARTS; p++) b[p] = part_load(beta + p * PART);
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      double xr = x[r * P + j];
#pragma GCC unroll 8
      for (int p = 0; p < PARTS; p++) acc[r][p] += xr * b[p];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; r++)
#pragma GCC unroll 8
    for (int p = 0; p < PARTS; p++) part_store(eta + r * MASTING_LANES + p * PART, acc[r][p]);
}

static inline void glm_eta(const double *x, int rows, int64_t P, const double *theta, double *eta) {
  int r = 0;
  for (; r + GLM_TOGETHER <= rows; r += GLM_TOGETHER)
    glm_eta_rows(GLM_TOGETHER, x + r * P, P, theta, eta + r * MASTING_LANES);
  for (; r < rows; r++) glm_eta_rows(1, x + r * P, P, theta, eta + r * MASTING_LANES);
}

/* Adds C columns' sums over the tile's rows to grad. */
WIDE_INLINE void glm_grad_columns(int C, const double *x, int rows, int64_t P, const double *res,
                                  double *grad) {
  part acc[GLM_TOGETHER][PARTS];
#pragma GCC unroll 8
  for (int c = 0; c < C; c++)
#pragma GCC unroll 8
    for (int p = 0; p < PARTS; p++) acc[c][p] = part_load(grad + c * MASTING_LANES + p * PART);
  for (int r = 0; r < rows; r++) {
    part e[PARTS];
#pragma GCC unroll 8
    for (int p = 0; p < PARTS; p++) e[p] = part_load(res + r * MASTING_LANES + p * PART);
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) {
      double xc = x[r * P + c];
#pragma GCC unroll 8
      for (int p = 0; p < PARTS; p++) acc[c][p] += xc * e[p];
    }
  }
#pragma GCC unroll 8
  for (int c = 0; c < C; c++)
#pragma GCC unroll 8
    for (int p = 0; p < PARTS; p++) part_store(grad + c * MASTING_LANES + p * PART, acc[c][p]);
}

static inline void glm_grad(const double *x, int rows, int64_t P, const double *res, double *grad,
                            const char *next, int64_t element) {
  for (int p = 0; p < PARTS; p++) {
    part sum = part_load(grad + p * PART);
    for (int r = 0; r < rows; r++) sum += part_load(res + r * MASTING_LANES + p * PART);
    part_store(grad + p * PART, sum);
  }
  double *beta = grad + MASTING_LANES;
  int64_t j = 0;
  for (; j + GLM_TOGETHER <= P; j += GLM_TOGETHER) {
    /* As many bytes of the next tile as these columns have, but in the order of memory. */
    const char *from = next + j * rows * element, *to = from + GLM_TOGETHER * rows * element;
    for (; from < to; from += 64) __builtin_prefetch(from);
    glm_grad_columns(GLM_TOGETHER, x + j, rows, P, res, beta + j * MASTING_LANES);
  }
  for (; j < P; j++) glm_grad_columns(1, x + j, rows, P, res, beta + j * MASTING_LANES);
}

#else /* one lane: registers run along the columns */

WIDE_INLINE double glm_sum(wide x) {
  double s = x[0];
  for (int i = 1; i < WIDE; i++) s += x[i];
  return s;
}

WIDE_INLINE void glm_eta_rows(int R, const double *x, int64_t P, double alpha, const double *beta,
                              double *eta) {
  wide acc[8];
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) acc[r] = (wide){0};
  int64_t j = 0;
  for (; j + WIDE <= P; j += WIDE) {
    wide b = wide_load(beta + j);
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) acc[r] += wide_load(x + r * P + j) * b;
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
    double s = alpha;
    for (int64_t k = j; k < P; k++) s += x[r * P + k] * beta[k];
    eta[r] = s + glm_sum(acc[r]);
  }
}

static inline void glm_eta(const double *x, int rows, int64_t P, const double *theta, double *eta) {
  int r = 0;
  for (; r + 8 <= rows; r += 8) glm_eta_rows(8, x + r * P, P, theta[0], theta + 1, eta + r);
  for (; r < rows; r++) glm_eta_rows(1, x + r * P, P, theta[0], theta + 1, eta + r);
}

/* C registers of columns. */
WIDE_INLINE void glm_grad_columns(int C, const double *x, int rows, int64_t P, const double *res,
                                  double *grad, const char *next, int64_t next_row) {
  wide acc[8];
#pragma GCC unroll 8
  for (int c = 0; c < C; c++) acc[c] = wide_load(grad + c * WIDE);
  for (int r = 0; r < rows; r++) {
    wide e = wide_all(res[r]);
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) {
      if (c * WIDE % 8 == 0) __builtin_prefetch(next + r * next_row + c * WIDE * 8);
      acc[c] += wide_load(x + r * P + c * WIDE) * e;
    }
  }
#pragma GCC unroll 8
  for (int c = 0; c < C; c++) wide_store(grad + c * WIDE, acc[c]);
}

static inline void glm_grad(const double *x, int rows, int64_t P, const double *res, double *grad,
                            const char *next, int64_t element) {
  for (int r = 0; r < rows; r++) grad[0] += res[r];
  double *beta = grad + 1;
  int64_t j = 0;
  for (; j + 8 * WIDE <= P; j += 8 * WIDE)
    glm_grad_columns(8, x + j, rows, P, res, beta + j, next + j * element, P * element);
  for (; j + WIDE <= P; j += WIDE)
    glm_grad_columns(1, x + j, rows, P, res, beta + j, next + j * element, P * element);
  for (; j < P; j++)
    for (int r = 0; r < rows; r++) beta[j] += x[r * P + j] * res[r];
}

#endif

/* Folds a flat register's sums to lanes and adds them to *to. With several parts a lane width holds
 * several registers, so they are kept apart: sums[PARTS]. */
WIDE_INLINE void glm_fold(const wide *sums, size_t stride, vreal *to) {
  double lane[MASTING_LANES] = {0};
  const char *at = (const char *)sums;
  for (int p = 0; p < PARTS; p++)
    for (int i = 0; i < WIDE; i++)
      lane[(p * WIDE + i) % MASTING_LANES] += ((const double *)(at + (size_t)p * stride))[i];
  vreal v;
  memcpy(&v, lane, sizeof v);
  *to += v;
}

/* The whole block: X is data variable `xvar`; y as doubles is made by `response` a tile at a time;
 * pad is an eta that adds nothing for a response of zero. */
typedef void glm_response(const masting_block *b, int first, int rows, double *y);

WIDE_INLINE void glm_block(const masting_block *b, int xvar, int64_t P, double pad,
                           glm_response *response, glm_residual *residual, const void *context,
                           glm_sums sums[PARTS]) {
  _Alignas(64) double eta[(GLM_MOST_ROWS + WIDE) * MASTING_LANES];
  double y[GLM_MOST_ROWS + WIDE];
  const double *theta = (const double *)b->theta;
  const int single = b->type[xvar] == MASTING_F32;
  const int64_t element = single ? 4 : 8;
  const int most = glm_tile_rows(P);
  for (int first = 0; first < b->rows; first += most) {
    int rows = b->rows - first < most ? b->rows - first : most;
    const char *at = (const char *)b->data[xvar] + first * P * element;
    const double *x = (const double *)at;
    if (single) {
      double *copy = b->scratch;
      for (int64_t i = 0; i < rows * P; i++) copy[i] = ((const float *)at)[i];
      x = copy;
    }
    glm_eta(x, rows, P, theta, eta);
    response(b, first, rows, y);
    int n = rows * MASTING_LANES;
    for (int r = rows; n % WIDE; r++, n += MASTING_LANES) {
      y[r] = 0;
      for (int i = 0; i < MASTING_LANES; i++) eta[n + i] = pad;
    }
    residual(eta, n, y, context, sums);
    glm_grad(x, rows, P, eta, (double *)b->theta_grad, at + rows * P * element, element);
  }
}

#endif
