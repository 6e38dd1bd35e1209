/* cli/scaling_table.c -- efficiencies, the fit, the CSV and the table. See scaling.h. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/show.h"
#include "cli/scaling.h"

static const mst_scaling_point *find(const mst_scaling *s, int ranks, int64_t n) {
  for (int i = 0; i < s->npoints; i++)
    if (s->point[i].ranks == ranks && s->point[i].n == n) return &s->point[i];
  return NULL;
}

void mst_scaling_judge(mst_scaling *s) {
  const int r0 = s->ranks[0];
  for (int i = 0; i < s->npoints; i++) {
    mst_scaling_point *p = &s->point[i];
    const mst_scaling_point *same = find(s, r0, p->n);
    const mst_scaling_point *less =
        p->n * r0 % p->ranks == 0 ? find(s, r0, p->n * r0 / p->ranks) : NULL;
    p->strong = same ? same->seconds * r0 / (p->seconds * p->ranks) : NAN;
    p->weak = less ? less->seconds / p->seconds : NAN;
  }
}

/* Solves the 3 x 3 normal equations of the terms in use, by elimination; false if singular. */
static bool solve(double a[3][4], const bool use[3], double x[3]) {
  for (int i = 0; i < 3; i++)
    if (!use[i])
      for (int j = 0; j < 4; j++) {
        a[i][j] = j == i;
        if (j < 3) a[j][i] = j == i;
      }
  for (int k = 0; k < 3; k++) {
    int best = k;
    for (int i = k + 1; i < 3; i++)
      if (fabs(a[i][k]) > fabs(a[best][k])) best = i;
    if (fabs(a[best][k]) < 1e-14) return false;
    for (int j = 0; j < 4; j++) {
      double t = a[k][j];
      a[k][j] = a[best][j];
      a[best][j] = t;
    }
    for (int i = 0; i < 3; i++) {
      if (i == k) continue;
      double f = a[i][k] / a[k][k];
      for (int j = k; j < 4; j++) a[i][j] -= f * a[k][j];
    }
  }
  for (int k = 0; k < 3; k++) x[k] = use[k] ? a[k][3] / a[k][k] : 0;
  return true;
}

static void terms(const mst_scaling_point *p, double t[3]) {
  t[0] = 1;
  t[1] = (double)p->n / p->ranks;
  t[2] = log2(p->ranks);
}

static bool fit_once(const mst_scaling *s, const bool use[3], double x[3]) {
  double a[3][4] = {{0}}, scale[3] = {0};
  for (int i = 0; i < s->npoints; i++) {
    double t[3];
    terms(&s->point[i], t);
    for (int j = 0; j < 3; j++) scale[j] = fmax(scale[j], t[j]);
  }
  for (int i = 0; i < s->npoints; i++) {
    double t[3], w = 1 / s->point[i].seconds;
    terms(&s->point[i], t);
    for (int j = 0; j < 3; j++) t[j] *= scale[j] > 0 ? w / scale[j] : 0;
    for (int j = 0; j < 3; j++) {
      for (int k = 0; k < 3; k++) a[j][k] += t[j] * t[k];
      a[j][3] += t[j]; /* the target is 1: relative errors */
    }
  }
  double size = 0;
  for (int j = 0; j < 3; j++) size = fmax(size, a[j][j]);
  for (int j = 0; j < 3; j++)
    for (int k = 0; k < 4; k++) a[j][k] /= size;
  if (!solve(a, use, x)) return false;
  for (int j = 0; j < 3; j++) x[j] /= scale[j] > 0 ? scale[j] : 1;
  return true;
}

mst_scaling_fit mst_scaling_fit_points(const mst_scaling *s) {
  bool use[3] = {s->nsizes > 1 || s->nranks > 1, true, s->nranks > 1};
  double x[3] = {0};
  for (int tries = 0; tries < 3; tries++) {
    bool again = !fit_once(s, use, x) && use[2];
    if (again) use[2] = false;
    for (int j = 2; j >= 0 && !again; j--)
      if (use[j] && x[j] < 0) {
        use[j] = false;
        again = true;
      }
    if (!again) break;
  }
  mst_scaling_fit fit = {.fixed = x[0], .per_row = x[1], .per_doubling = x[2]};
  for (int i = 0; i < s->npoints; i++) {
    double t[3];
    terms(&s->point[i], t);
    double model = x[0] * t[0] + x[1] * t[1] + x[2] * t[2];
    fit.worst = fmax(fit.worst, fabs(model / s->point[i].seconds - 1));
  }
  return fit;
}

static void csv_number(FILE *f, double x) {
  if (isfinite(x))
    fprintf(f, ",%.6g", x);
  else
    fputc(',', f);
}

masting_status mst_scaling_csv(const mst_scaling *s, const char *path, mst_error *err) {
  char temp[PATH_MAX];
  snprintf(temp, sizeof temp, "%s.partial", path);
  FILE *f = fopen(temp, "w");
  if (!f)
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot be written: %s", path, strerror(errno));
  fputs("model,ranks,threads,n,chains,steps,repeats,step_seconds,step_seconds_least,"
        "step_seconds_most,gradients_per_second,message_bytes,strong_efficiency,weak_efficiency\n",
        f);
  for (int i = 0; i < s->npoints; i++) {
    const mst_scaling_point *p = &s->point[i];
    fprintf(f, "%s,%d,%d,%lld,%d,%lld,%d", s->model, p->ranks, s->threads, (long long)p->n,
            s->chains, (long long)p->steps, s->repeats);
    csv_number(f, p->seconds);
    csv_number(f, p->least);
    csv_number(f, p->most);
    csv_number(f, p->gradients_per_second);
    csv_number(f, p->message_bytes);
    csv_number(f, p->strong);
    csv_number(f, p->weak);
    fputc('\n', f);
  }
  int bad = ferror(f);
  if (fclose(f) != 0 || bad || rename(temp, path) != 0)
    return mst_fail(err, MASTING_ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
  return MASTING_OK;
}

static const char *percent(double x, char *text, size_t size) {
  if (isfinite(x))
    snprintf(text, size, "%.0f %%", 100 * x);
  else
    snprintf(text, size, "-");
  return text;
}

void mst_scaling_print(const mst_scaling *s, FILE *file) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE], d[MST_SHOW_SIZE];
  char e1[24], e2[24], spread[24];
  fprintf(file, "%s, %d chains, %d thread%s a rank; median of %d run%s\n\n", s->model, s->chains,
          s->threads, s->threads == 1 ? "" : "s", s->repeats, s->repeats == 1 ? "" : "s");
  fprintf(file, "%14s  %5s  %12s  %7s  %12s  %10s  %8s  %8s\n", s->shard, "ranks", "step", "spread",
          "gradients/s", "message", "strong", "weak");
  for (int i = 0; i < s->npoints; i++) {
    const mst_scaling_point *p = &s->point[i];
    if (i && p->n != s->point[i - 1].n) fputc('\n', file);
    snprintf(spread, sizeof spread, "%.0f %%", 100 * (p->most - p->least) / p->seconds);
    fprintf(file, "%14s  %5d  %12s  %7s  %12s  %10s  %8s  %8s\n", mst_show_count(p->n, a), p->ranks,
            mst_show_seconds(p->seconds, b), spread, mst_show_short(p->gradients_per_second, c),
            mst_show_bytes((int64_t)p->message_bytes, d), percent(p->strong, e1, sizeof e1),
            percent(p->weak, e2, sizeof e2));
  }
  mst_scaling_fit fit = mst_scaling_fit_points(s);
  fprintf(file, "\nfit: T = %s", mst_show_seconds(fit.fixed, a));
  fprintf(file, " + %.3g ns x %s/R", 1e9 * fit.per_row, s->shard);
  if (s->nranks > 1) fprintf(file, " + %s x log2 R", mst_show_seconds(fit.per_doubling, a));
  fprintf(file, ", off by at most %.0f %%\n", 100 * fit.worst);
}
