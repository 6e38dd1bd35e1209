/* optim/approx.c -- see approx.h. */
#include "optim/approx.h"

#include <math.h>
#include <string.h>

#include "base/portable.h"

#define SIZE MST_APPROX_SIZE
#define SWEEPS 60
/* eigenvalues of W'W, scaled to a diagonal of ones, below this share are none */
#define DEPENDENT 1e-12
#define LOG_2PI 1.8378770664093454836

typedef double square[SIZE][SIZE];

/* the same on every processor */

/* ---- spectrum ---- */

static void rotate(int n, square a, square v, int p, int q) {
  const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
  const double c = 1 / sqrt(t * t + 1), s = t * c;
  for (int i = 0; i < n; i++) {
    const double x = a[i][p], y = a[i][q];
    a[i][p] = c * x - s * y;
    a[i][q] = s * x + c * y;
  }
  for (int i = 0; i < n; i++) {
    const double x = a[p][i], y = a[q][i];
    a[p][i] = c * x - s * y;
    a[q][i] = s * x + c * y;
  }
  for (int i = 0; i < n; i++) {
    const double x = v[i][p], y = v[i][q];
    v[i][p] = c * x - s * y;
    v[i][q] = s * x + c * y;
  }
}

void mst_approx_spectrum(int n, square a, double *values, square v) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) v[i][j] = i == j;
  for (int sweep = 0, turned = 1; sweep < SWEEPS && turned; sweep++) {
    turned = 0;
    for (int p = 0; p < n; p++)
      for (int q = p + 1; q < n; q++) {
        if (!(fabs(a[p][q]) > 1e-17 * sqrt(fabs(a[p][p] * a[q][q])))) continue;
        rotate(n, a, v, p, q);
        turned = 1;
      }
  }
  for (int i = 0; i < n; i++) values[i] = a[i][i];
}

/* ---- the Gaussian ---- */

static void multiply(int n, int m, int k, square a, square b, square to) { /* [n][m] [m][k] */
  square sum;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < k; j++) {
      sum[i][j] = 0;
      for (int l = 0; l < m; l++) sum[i][j] += a[i][l] * b[l][j];
    }
  memcpy(to, sum, sizeof sum);
}

static void transpose(int n, square a, square to) {
  square copy;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) copy[j][i] = a[i][j];
  memcpy(to, copy, sizeof copy);
}

static double yay(const double *dot, int history, int k, int l) {
  return dot[k < l ? mst_approx_pair(history, k, l) : mst_approx_pair(history, l, k)];
}
static double sas(const double *dot, int history, int k, int l) {
  return dot[(k < l ? mst_approx_pair(history, k, l) : mst_approx_pair(history, l, k)) + 1];
}

/* W'W: y first. */
static void gram(const mst_approx *a, const mst_history *h, const double *dot, square to) {
  const int J = a->pairs;
  for (int i = 0; i < J; i++)
    for (int j = 0; j < J; j++) {
      const int k = a->slot[i], l = a->slot[j];
      to[i][j] = yay(dot, h->size, k, l);
      to[J + i][J + j] = sas(dot, h->size, k, l);
      to[J + i][j] = to[j][J + i] = h->sy[k][l];
    }
}

/* The middle matrix G of H. */
static void middle(const mst_approx *a, const mst_history *h, const double *dot, square to) {
  const int J = a->pairs;
  square inverse = {{0}}, c = {{0}}, back;
  for (int j = 0; j < J; j++) /* R^-1, column by column */
    for (int i = j; i >= 0; i--) {
      double x = i == j;
      for (int l = i + 1; l <= j; l++) x -= h->sy[a->slot[i]][a->slot[l]] * inverse[l][j];
      inverse[i][j] = x / h->sy[a->slot[i]][a->slot[i]];
    }
  for (int i = 0; i < J; i++)
    for (int j = 0; j < J; j++)
      c[i][j] =
          yay(dot, h->size, a->slot[i], a->slot[j]) + (i == j ? h->sy[a->slot[i]][a->slot[i]] : 0);
  transpose(J, inverse, back);
  multiply(J, J, J, c, inverse, c);
  multiply(J, J, J, back, c, c);
  for (int i = 0; i < J; i++)
    for (int j = 0; j < J; j++) {
      to[i][j] = 0;
      to[i][J + j] = -inverse[i][j];
      to[J + i][j] = -inverse[j][i];
      to[J + i][J + j] = 0.5 * (c[i][j] + c[j][i]);
    }
}

/* a = L L', lower, in place; false where it is not positive definite. */
static bool factor(int n, square a) {
  for (int j = 0; j < n; j++)
    for (int i = j; i < n; i++) {
      double x = a[i][j];
      for (int l = 0; l < j; l++) x -= a[i][l] * a[j][l];
      if (i == j && !(x > 0)) return false;
      a[i][j] = i == j ? sqrt(x) : x / a[j][j];
    }
  return true;
}

/* Orthonormal directions W E of W's columns: E [2J][*rank], and E^-T = (W'W) E, which takes W's own
 * coordinates there. */
static void basis(int n, square w, square e, square back, int *rank) {
  square scaled, v, whole;
  double values[SIZE], size[SIZE], largest = 0;
  memcpy(whole, w, sizeof whole);
  for (int i = 0; i < n; i++) size[i] = w[i][i] > 0 ? 1 / sqrt(w[i][i]) : 0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) scaled[i][j] = w[i][j] * size[i] * size[j];
  mst_approx_spectrum(n, scaled, values, v);
  for (int i = 0; i < n; i++) largest = fmax(largest, values[i]);
  *rank = 0;
  for (int k = 0; k < n; k++) {
    if (!(values[k] > DEPENDENT * largest)) continue;
    for (int i = 0; i < n; i++) e[i][*rank] = size[i] * v[i][k] / sqrt(values[k]);
    ++*rank;
  }
  multiply(n, n, *rank, whole, e, back);
}

bool mst_approx_make(mst_approx *a, const mst_history *h, const double *dot) {
  square w = {{0}}, g = {{0}}, e = {{0}}, back = {{0}}, core = {{0}}, flat = {{0}};
  int rank;
  memset(a, 0, sizeof *a);
  a->pairs = h->count;
  a->log_det = dot[MST_APPROX_LOG_ALPHA];
  memcpy(a->slot, h->order, sizeof a->slot);
  const int J = a->pairs, n = 2 * J;
  gram(a, h, dot, w);
  middle(a, h, dot, g);
  for (int i = 0; i < n; i++) /* H g = alpha g + B G B'g */
    for (int j = 0; j < n; j++)
      a->mean[i] += g[i][j] * (j < J ? dot[mst_approx_slot(a->slot[j], MST_APPROX_SLOT_YAG)]
                                     : h->sg[a->slot[j - J]]);
  basis(n, w, e, back, &rank);
  transpose(SIZE, back, flat); /* core = I + back' G back */
  multiply(n, n, rank, g, back, core);
  multiply(rank, n, rank, flat, core, core);
  for (int i = 0; i < rank; i++)
    for (int j = 0; j <= i; j++)
      core[i][j] = core[j][i] = 0.5 * (core[i][j] + core[j][i]) + (i == j);
  if (!factor(rank, core)) return false;
  for (int i = 0; i < rank; i++) a->log_det += 2 * mst_log_same(core[i][i]);
  for (int i = 0; i < rank; i++) /* L - I */
    for (int j = i; j < rank; j++) core[i][j] = j > i ? 0 : core[i][i] - 1;
  transpose(SIZE, e, flat);
  multiply(n, rank, rank, e, core, core);
  multiply(n, rank, n, core, flat, a->t);
  return isfinite(a->log_det);
}

double mst_approx_draw_make(const mst_approx *a, const double *dot, double n,
                            mst_approx_draw *draw) {
  const int J = a->pairs;
  double u[SIZE];
  memset(draw, 0, sizeof *draw);
  for (int i = 0; i < J; i++) {
    u[i] = dot[mst_approx_slot(a->slot[i], MST_APPROX_SLOT_YU)];
    u[J + i] = dot[mst_approx_slot(a->slot[i], MST_APPROX_SLOT_SU)];
  }
  for (int i = 0; i < 2 * J; i++) {
    double part = -a->mean[i];
    for (int j = 0; j < 2 * J; j++) part += a->t[i][j] * u[j];
    if (i < J)
      draw->y_part[a->slot[i]] = part;
    else
      draw->s_part[a->slot[i - J]] = part;
  }
  return -0.5 * (a->log_det + dot[MST_APPROX_UU] + n * LOG_2PI);
}
