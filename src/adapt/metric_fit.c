/* adapt/metric_fit.c -- see metric_fit.h. */
#include "adapt/metric_fit.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "linalg/lapack.h"

/* What is at work: rows of x and g are deviations over (times) the scale. */
typedef struct fit {
  int64_t n, p, r;    /* draws, parameters, dimensions of the space */
  double degrees;     /* draws less one a chain */
  double *x, *g;      /* [n][p] */
  const double *base; /* [p][p] lower, in place of the scale; or NULL */
  double *scale;      /* [p] */
  double *basis;      /* [r][p] orthonormal rows; NULL: the unit vectors, r = p */
  double *u;          /* [r][p] unit eigenvectors, a row each */
  double *eigen;      /* [r] */
} fit;

static double *take(size_t n, const char *what, mst_error *err) {
  void *p = NULL;
  mst_alloc(&p, n ? n : 1, sizeof(double), what, err);
  return p;
}

static void release(fit *f) {
  mst_free(&f->x);
  mst_free(&f->g);
  mst_free(&f->scale);
  mst_free(&f->basis);
  mst_free(&f->u);
  mst_free(&f->eigen);
}

/* ---- deviations */

/* Subtracts each chain's mean; returns how many chains there are. */
static int centre(double *x, const int *chain, int64_t n, int64_t p, double *mean) {
  int chains = 0, last = -1;
  for (int64_t i = 0; i < n; i++) last = chain[i] > last ? chain[i] : last;
  for (int c = 0; c <= last; c++) {
    int64_t count = 0;
    memset(mean, 0, (size_t)p * sizeof *mean);
    for (int64_t i = 0; i < n; i++) {
      if (chain[i] != c) continue;
      count++;
      for (int64_t j = 0; j < p; j++) mean[j] += x[i * p + j];
    }
    if (count == 0) continue;
    chains++;
    for (int64_t j = 0; j < p; j++) mean[j] /= (double)count;
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; chain[i] == c && j < p; j++) x[i * p + j] -= mean[j];
  }
  return chains;
}

static void scale_columns(fit *f, const double *minv) {
  for (int64_t j = 0; j < f->p; j++) {
    double q = 0, g = 0;
    for (int64_t i = 0; i < f->n; i++) {
      q += f->x[i * f->p + j] * f->x[i * f->p + j];
      g += f->g[i * f->p + j] * f->g[i * f->p + j];
    }
    f->scale[j] = mst_metric_scale(q, g, minv[j]);
    for (int64_t i = 0; i < f->n; i++) {
      f->x[i * f->p + j] /= f->scale[j];
      f->g[i * f->p + j] *= f->scale[j];
    }
  }
}

/* x becomes L^-1 x, g becomes L' g, row by row. */
static void to_base(fit *f) {
  const int64_t p = f->p;
  const double *l = f->base;
  for (int64_t k = 0; k < f->n; k++) {
    double *x = f->x + k * p, *g = f->g + k * p;
    for (int64_t i = 0; i < p; i++) {
      const double *row = l + i * p, above = g[i];
      double s = x[i];
      for (int64_t j = 0; j < i; j++) s -= row[j] * x[j];
      x[i] = s / row[i];
      g[i] = 0;
      for (int64_t j = 0; j <= i; j++) g[j] += row[j] * above;
    }
  }
  for (int64_t i = 0; i < p; i++) f->scale[i] = 1.0;
}

static void deviations(fit *f, const mst_window *w, const double *minv, mst_error *err) {
  const size_t all = (size_t)(w->n * w->elements);
  f->n = w->n;
  f->p = w->elements;
  f->x = take(all, "metric", err);
  f->g = take(all, "metric", err);
  f->scale = take((size_t)f->p, "metric", err);
  if (err->status != MASTING_OK) return;
  memcpy(f->x, w->q, all * sizeof(double));
  memcpy(f->g, w->g, all * sizeof(double));
  f->degrees = (double)(f->n - centre(f->x, w->chain, f->n, f->p, f->scale));
  centre(f->g, w->chain, f->n, f->p, f->scale);
  if (f->base)
    to_base(f);
  else
    scale_columns(f, minv);
}

/* ---- the space */

static double dot(const double *a, const double *b, int64_t n) {
  double s = 0;
  for (int64_t i = 0; i < n; i++) s += a[i] * b[i];
  return s;
}

static const double *row_of(const fit *f, int64_t i) {
  return i < f->n ? f->x + i * f->p : f->g + (i - f->n) * f->p;
}

/* Orthonormal rows that span those of x and g, by the spectrum of their scalar products. */
static void find_basis(fit *f, mst_error *err) {
  const int64_t m = 2 * f->n;
  double *gram = take((size_t)(m * m), "metric", err), *values = take((size_t)m, "metric", err);
  for (int64_t i = 0; err->status == MASTING_OK && i < m; i++)
    for (int64_t j = 0; j <= i; j++) gram[i * m + j] = dot(row_of(f, i), row_of(f, j), f->p);
  if (err->status == MASTING_OK)
    mst_spectrum("draws and gradients", gram, (int)m, values, true, err);
  int64_t first = 0;
  while (err->status == MASTING_OK && first < m && values[first] <= 1e-10 * values[m - 1]) first++;
  f->r = m - first;
  if (err->status == MASTING_OK) f->basis = take((size_t)(f->r * f->p), "metric", err);
  for (int64_t k = 0; err->status == MASTING_OK && k < f->r; k++) {
    const double *weight = gram + (first + k) * m, over = 1.0 / sqrt(values[first + k]);
    for (int64_t i = 0; i < m; i++)
      for (int64_t j = 0; j < f->p; j++)
        f->basis[k * f->p + j] += over * weight[i] * row_of(f, i)[j];
  }
  mst_free(&gram);
  mst_free(&values);
}

/* Covariance of x or g in the space, [r][r], with `more` on the diagonal. */
static void covariance(const fit *f, const double *x, double more, double *to, mst_error *err) {
  double *in = NULL;
  if (f->basis) {
    in = take((size_t)(f->n * f->r), "metric", err);
    for (int64_t i = 0; err->status == MASTING_OK && i < f->n; i++)
      for (int64_t k = 0; k < f->r; k++)
        in[i * f->r + k] = dot(x + i * f->p, f->basis + k * f->p, f->p);
  }
  if (err->status == MASTING_OK)
    mst_covariance("draws", in ? in : x, (int)f->n, (int)f->r, NULL, 1.0 / f->degrees, to, err);
  for (int64_t k = 0; err->status == MASTING_OK && k < f->r; k++) to[k * f->r + k] += more;
  mst_free(&in);
}

/* ---- the geometric mean */

/* m = L' A L, from a (symmetric) and l (lower); by way of t = A L. */
static void congruence(const double *a, const double *l, int64_t r, double *t, double *m) {
  for (int64_t i = 0; i < r; i++)
    for (int64_t j = 0; j < r; j++) t[i * r + j] = 0;
  for (int64_t i = 0; i < r; i++)
    for (int64_t k = 0; k < r; k++)
      for (int64_t j = 0; j <= k; j++) t[i * r + j] += a[i * r + k] * l[k * r + j];
  memset(m, 0, (size_t)(r * r) * sizeof *m);
  for (int64_t k = 0; k < r; k++)
    for (int64_t i = 0; i <= k; i++)
      for (int64_t j = 0; j < r; j++) m[i * r + j] += l[k * r + i] * t[k * r + j];
}

/* a becomes A # B^-1; b is lost. With B = L L', L' A L = V diag(m) V': rows m_k^1/4 (L'^-1 v_k)
 * have it as the sum of their outer products. */
static void mean_of(double *a, double *b, int64_t r, mst_error *err) {
  double *t = take((size_t)(r * r), "metric", err), *m = take((size_t)(r * r), "metric", err);
  double *values = take((size_t)r, "metric", err);
  if (err->status == MASTING_OK &&
      mst_cholesky("covariance of gradients", b, (int)r, NULL, err) == MASTING_OK) {
    congruence(a, b, r, t, m);
    mst_spectrum("metric", m, (int)r, values, true, err);
  }
  if (err->status == MASTING_OK) {
    for (int64_t k = 0; k < r; k++) {
      const double root = sqrt(sqrt(values[k] > 0 ? values[k] : 0));
      for (int64_t i = 0; i < r; i++) t[i * r + k] = root * m[k * r + i];
    }
    mst_solve_lower("metric", b, (int)r, true, t, (int)r, err);
  }
  if (err->status == MASTING_OK) {
    for (int64_t i = 0; i < r; i++)
      for (int64_t k = 0; k < r; k++) m[k * r + i] = t[i * r + k];
    mst_covariance("metric", m, (int)r, (int)r, NULL, 1.0, a, err);
  }
  mst_free(&t);
  mst_free(&m);
  mst_free(&values);
}

static void find_eigen(fit *f, mst_error *err) {
  if (2 * f->n < f->p)
    find_basis(f, err);
  else
    f->r = f->p;
  if (err->status != MASTING_OK) return;
  const size_t all = (size_t)(f->r * f->r);
  const double share = mst_metric_shrinkage(f->p, f->degrees);
  double *a = take(all, "metric", err), *b = take(all, "metric", err);
  f->eigen = take((size_t)f->r, "metric", err);
  f->u = take((size_t)(f->r * f->p), "metric", err);
  if (err->status == MASTING_OK) covariance(f, f->x, share, a, err);
  if (err->status == MASTING_OK) covariance(f, f->g, share, b, err);
  if (err->status == MASTING_OK) mean_of(a, b, f->r, err);
  if (err->status == MASTING_OK) mst_spectrum("metric", a, (int)f->r, f->eigen, true, err);
  for (int64_t k = 0; err->status == MASTING_OK && k < f->r; k++) {
    double *to = f->u + k * f->p;
    if (!f->basis) memcpy(to, a + k * f->r, (size_t)f->p * sizeof *to);
    for (int64_t i = 0; f->basis && i < f->r; i++)
      for (int64_t j = 0; j < f->p; j++) to[j] += a[k * f->r + i] * f->basis[i * f->p + j];
  }
  mst_free(&a);
  mst_free(&b);
}

/* ---- the two forms */

masting_status mst_metric_factor(mst_metric *metric, const char *name, mst_error *err) {
  memcpy(metric->l, metric->c, (size_t)(metric->n * metric->n) * sizeof(double));
  return mst_cholesky(name, metric->l, (int)metric->n, NULL, err);
}

/* c becomes L c L'. */
static void from_base(const double *l, int64_t p, double *c, double *t) {
  memset(t, 0, (size_t)(p * p) * sizeof *t);
  for (int64_t i = 0; i < p; i++)
    for (int64_t k = 0; k <= i; k++)
      for (int64_t j = 0; j < p; j++) t[i * p + j] += l[i * p + k] * c[k * p + j];
  for (int64_t i = 0; i < p; i++)
    for (int64_t j = 0; j <= i; j++) {
      const double s = dot(t + i * p, l + j * p, j + 1);
      c[i * p + j] = c[j * p + i] = s;
    }
}

static void make_dense(const fit *f, mst_metric *metric, mst_error *err) {
  const int64_t p = f->p;
  memset(metric->c, 0, (size_t)(p * p) * sizeof(double));
  for (int64_t i = 0; i < p; i++) metric->c[i * p + i] = 1.0;
  for (int64_t k = 0; k < f->r; k++) {
    const double *u = f->u + k * p, e = f->eigen[k] - 1.0;
    for (int64_t i = 0; i < p; i++)
      for (int64_t j = 0; j < p; j++) metric->c[i * p + j] += e * (u[i] * u[j]);
  }
  for (int64_t i = 0; i < p; i++)
    for (int64_t j = 0; j < p; j++) metric->c[i * p + j] *= f->scale[i] * f->scale[j];
  if (f->base) from_base(f->base, p, metric->c, metric->l);
  mst_metric_factor(metric, "metric", err);
}

static double distance(double eigen) { return fabs(log(eigen)); }

/* The directions farthest from the diagonal. */
static void make_low_rank(const fit *f, mst_metric *metric) {
  int64_t low = 0, high = f->r - 1;
  int rank = 0;
  int64_t kept[MST_METRIC_MAX_RANK];
  /* eigenvalues ascend: the farthest is at an end */
  while (rank < MST_METRIC_MAX_RANK && low <= high) {
    const int64_t k = distance(f->eigen[low]) > distance(f->eigen[high]) ? low++ : high--;
    if (f->eigen[k] >= 0.5 && f->eigen[k] <= 2.0) break;
    kept[rank++] = k;
  }
  metric->rank = rank;
  for (int64_t i = 0; i < f->p; i++) {
    metric->scale[i] = f->scale[i];
    for (int k = 0; k < rank; k++) metric->u[i * rank + k] = f->u[kept[k] * f->p + i];
  }
  for (int k = 0; k < rank; k++) metric->eigen[k] = f->eigen[kept[k]];
}

static void judge(const fit *f, double *condition) {
  double least = f->basis ? 1.0 : f->eigen[0], most = least;
  for (int64_t k = 0; k < f->r; k++) {
    least = f->eigen[k] < least ? f->eigen[k] : least;
    most = f->eigen[k] > most ? f->eigen[k] : most;
  }
  *condition = most / least;
}

masting_status mst_metric_fit(mst_metric *metric, const mst_window *window, const double *minv,
                              const double *base, double *condition, mst_error *err) {
  fit f = {.base = base};
  deviations(&f, window, minv, err);
  if (err->status == MASTING_OK) find_eigen(&f, err);
  if (err->status == MASTING_OK) {
    judge(&f, condition);
    if (metric->kind == MST_KIND_DENSE)
      make_dense(&f, metric, err);
    else
      make_low_rank(&f, metric);
  }
  release(&f);
  return err->status;
}

masting_status mst_metric_from_covariance(mst_metric *metric, const double *covariance,
                                          const char *name, double *condition, mst_error *err) {
  const int64_t p = metric->n;
  fit f = {.p = p, .r = p};
  f.scale = take((size_t)p, "metric", err);
  f.eigen = take((size_t)p, "metric", err);
  f.u = take((size_t)(p * p), "metric", err);
  for (int64_t i = 0; err->status == MASTING_OK && i < p; i++)
    f.scale[i] = sqrt(covariance[i * p + i]);
  for (int64_t i = 0; err->status == MASTING_OK && i < p; i++)
    for (int64_t j = 0; j < p; j++)
      f.u[i * p + j] = covariance[i * p + j] / (f.scale[i] * f.scale[j]);
  if (err->status == MASTING_OK) mst_spectrum(name, f.u, (int)p, f.eigen, true, err);
  if (err->status == MASTING_OK && !(f.eigen[0] > 0))
    mst_fail(err, MASTING_ERR_DATA,
             "%s: not positive definite: its least eigenvalue is %g; expected it above 0", name,
             f.eigen[0]);
  if (err->status == MASTING_OK) judge(&f, condition);
  if (err->status == MASTING_OK && metric->kind == MST_KIND_LOW_RANK) make_low_rank(&f, metric);
  if (err->status == MASTING_OK && metric->kind == MST_KIND_DENSE) {
    memcpy(metric->c, covariance, (size_t)(p * p) * sizeof(double));
    mst_metric_factor(metric, name, err);
  }
  release(&f);
  return err->status;
}
