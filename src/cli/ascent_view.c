/* cli/ascent_view.c -- see ascent_view.h. */
#include "cli/ascent_view.h"

#include <math.h>
#include <string.h>

#include "base/show.h"
#include "cli/sample.h"

#define LOG_SECONDS 30.0

void mst_ascent_view_begin(mst_ascent_view *view, const mst_job *job, const mst_model_set *model,
                           const mst_dataset *data, int starts, mst_progress_mode mode, int quiet) {
  *view = (mst_ascent_view){0};
  mst_progress_begin(&view->line, quiet ? MST_PROGRESS_NONE : mode);
  if (!quiet) mst_sample_header(job, model, data, starts);
}

void mst_ascent_view_costs(int64_t gradients, int64_t passes, double seconds) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE];
  fprintf(stderr, "masting: work: %s gradients in %s passes over the data, %s\n",
          mst_show_count(gradients, a), mst_show_count(passes, b), mst_show_seconds(seconds, c));
}

void mst_ascent_view_show(void *context, const mst_optim_view *p) {
  mst_ascent_view *v = context;
  char text[200], grads[MST_SHOW_SIZE], took[MST_SHOW_SIZE], date[40] = "";
  const bool bar = v->line.mode == MST_PROGRESS_BAR;
  if (v->line.mode == MST_PROGRESS_NONE) return;
  const bool halved = p->ascending << (v->halvings + 1) <= p->starts;
  if (!bar && !p->finished && !halved && p->elapsed - v->told_at < LOG_SECONDS) return;
  while (p->ascending << (v->halvings + 1) <= p->starts && v->halvings < 6) v->halvings++;
  v->told_at = p->elapsed;
  snprintf(text, sizeof text,
           "%d of %d starts climbing  iteration %d  best lp %.8g  %s gradients  %s", p->ascending,
           p->starts, p->iterations, p->best, mst_show_count(p->gradients, grads),
           mst_show_seconds(p->elapsed, took));
  if (!bar) {
    mst_progress_date(date, sizeof date - 1);
    strcat(date, " ");
  }
  fprintf(stderr, "%s%s%s%s%s", bar ? "\r" : "", date, text, bar ? "\033[K" : "",
          bar && !p->finished ? "" : "\n");
  fflush(stderr);
  v->line.drawn = bar && !p->finished;
}

/* Row-major element r of a global parameter, "w[0, 1]". */
static void label(const masting_param *p, const mst_param_layout *q, int64_t r, char *text,
                  size_t size) {
  int64_t index[MASTING_MAX_DIMS];
  for (int d = p->ndims - 1; d >= 0; d--) {
    index[d] = r % q->dims[d];
    r /= q->dims[d];
  }
  int used = snprintf(text, size, "%s", p->name);
  for (int d = 0; d < p->ndims && used < (int)size; d++)
    used += snprintf(text + used, size - (size_t)used, "%s%lld%s", d ? ", " : "[",
                     (long long)index[d], d + 1 == p->ndims ? "]" : "");
}

static double value(const mst_layout *l, int param, const double *theta, int64_t r) {
  return theta[l->param[param].offset + mst_layout_from_row_major(l, param, r)];
}

void mst_print_globals(const mst_layout *l, const double *theta, int64_t rows_each, FILE *out,
                       FILE *notes) {
  char text[200];
  int width = 9;
  for (int p = 0; p < l->outputs; p++)
    for (int64_t r = 0; !l->param[p].local && r < l->param[p].elements && r < rows_each; r++) {
      label(mst_layout_output(l, p), &l->param[p], r, text, sizeof text);
      if ((int)strlen(text) > width) width = (int)strlen(text);
    }
  fprintf(out, "%-*s  %13s\n", width, "parameter", "mode");
  for (int p = 0; p < l->outputs; p++) {
    const mst_param_layout *q = &l->param[p];
    if (q->local || mst_layout_output(l, p)->hidden) continue;
    for (int64_t r = 0; r < q->elements && r < rows_each; r++) {
      label(mst_layout_output(l, p), q, r, text, sizeof text);
      fprintf(out, "%-*s  %13.6g\n", width, text, value(l, p, theta, r));
    }
    if (q->elements > rows_each)
      fprintf(notes, "masting: %s: %lld more elements\n", mst_layout_output(l, p)->name,
              (long long)(q->elements - rows_each));
  }
}

int mst_pack_globals(const mst_layout *l, const double *theta, json_t *object) {
  int failed = 0;
  for (int p = 0; p < l->outputs; p++) {
    const mst_param_layout *q = &l->param[p];
    if (q->local || mst_layout_output(l, p)->hidden) continue;
    json_t *array = json_array();
    for (int64_t r = 0; r < q->elements; r++)
      failed |= json_array_append_new(array, json_real(value(l, p, theta, r)));
    if (mst_layout_output(l, p)->ndims == 0) {
      failed |= json_object_set(object, mst_layout_output(l, p)->name, json_array_get(array, 0));
      json_decref(array);
    } else {
      failed |= json_object_set_new(object, mst_layout_output(l, p)->name, array);
    }
  }
  return failed;
}
