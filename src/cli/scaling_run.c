/* cli/scaling_run.c -- which points are timed, and the runs that time them. See scaling.h. */
#define _GNU_SOURCE
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/show.h"
#include "cli/scaling.h"
#include "base/spawn.h"

/* The first steps touch memory for the first time and grow short trees: a run of them alone is
 * taken off the others. */
enum { PILOT_STEPS = 100, LEAST_STEPS = 300, MOST_STEPS = 200000 };

static masting_status add_point(mst_scaling *s, int ranks, int64_t n, mst_error *err) {
  for (int i = 0; i < s->npoints; i++)
    if (s->point[i].ranks == ranks && s->point[i].n == n) return MASTING_OK;
  mst_scaling_point *more = realloc(s->point, (size_t)(s->npoints + 1) * sizeof *more);
  if (!more) return mst_fail(err, MASTING_ERR_MEMORY, "scaling: no memory left");
  s->point = more;
  s->point[s->npoints++] = (mst_scaling_point){.ranks = ranks, .n = n, .strong = NAN, .weak = NAN};
  return MASTING_OK;
}

static int by_n_then_ranks(const void *a, const void *b) {
  const mst_scaling_point *p = a, *q = b;
  if (p->n != q->n) return p->n < q->n ? -1 : 1;
  return (p->ranks > q->ranks) - (p->ranks < q->ranks);
}

masting_status mst_scaling_plan(mst_scaling *s, mst_error *err) {
  for (int i = 0; i < s->nsizes; i++)
    for (int r = 0; r < s->nranks; r++) {
      if (s->mode != MST_SCALING_WEAK) add_point(s, s->ranks[r], s->sizes[i], err);
      if (s->mode == MST_SCALING_WEAK || s->mode == MST_SCALING_ALL)
        add_point(s, s->ranks[r], s->sizes[i] * s->ranks[r] / s->ranks[0], err);
    }
  if (err->status != MASTING_OK) return err->status;
  qsort(s->point, (size_t)s->npoints, sizeof *s->point, by_n_then_ranks);
  return MASTING_OK;
}

/* The launcher's words for a rank count, then this program. */
static masting_status launch_words(const mst_scaling *s, int ranks, mst_words *words,
                                   mst_error *err) {
  mst_words raw = {0};
  char self[PATH_MAX] = "";
  mst_words_split(&raw, s->launcher, err);
  for (int i = 0; i < raw.count && err->status == MASTING_OK; i++) {
    const char *at = strchr(raw.word[i], '{');
    int ahead = at ? (int)(at - raw.word[i]) : 0;
    if (at && strncmp(at, "{ranks}", 7) == 0)
      mst_words_add(words, err, "%.*s%d%s", ahead, raw.word[i], ranks, at + 7);
    else if (at && strncmp(at, "{threads}", 9) == 0)
      mst_words_add(words, err, "%.*s%d%s", ahead, raw.word[i], s->threads, at + 9);
    else
      mst_words_add(words, err, "%s", raw.word[i]);
  }
  mst_words_free(&raw);
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  if (n <= 0) return mst_fail(err, MASTING_ERR_IO, "scaling: /proc/self/exe cannot be read");
  return mst_words_add(words, err, "%s", self);
}

/* Runs the words; `what` names the run in the error. */
static masting_status run_words(const mst_words *words, const char *what, char **output,
                                mst_error *err) {
  int status = 0;
  if (mst_spawn(words, &status, output, err) != MASTING_OK) return err->status;
  if (status)
    mst_fail(err, MASTING_ERR_USAGE,
             "scaling: %s ended with status %d; its messages are above; try --launcher with what "
             "starts ranks here, got '%s'",
             what, status, words->word[0]);
  return err->status;
}

/* Everything that decides the contents is in the name: a kept folder never serves another model. */
static void data_path(const mst_scaling *s, int64_t n, char *path, size_t size) {
  const char *slash = strrchr(s->model, '/');
  int used = snprintf(path, size, "%s/%s", s->folder, slash ? slash + 1 : s->model);
  for (int i = 0; i < s->size->count && used < (int)size; i++)
    used += snprintf(path + used, size - (size_t)used, "-%s", s->size->item[i]);
  if (used < (int)size)
    snprintf(path + used, size - (size_t)used, "-%s=%lld-seed=%llu.h5", s->shard, (long long)n,
             (unsigned long long)s->seed);
}

static masting_status make_data(const mst_scaling *s, int64_t n, mst_error *err) {
  mst_words words = {0};
  char path[PATH_MAX], what[96];
  data_path(s, n, path, sizeof path);
  if (access(path, R_OK) == 0) return MASTING_OK; /* of an earlier study in a kept folder */
  launch_words(s, s->ranks[0], &words, err);
  mst_words_add(&words, err, "simulate");
  mst_words_add(&words, err, "%s", s->model);
  for (int i = 0; i < s->size->count; i++) {
    mst_words_add(&words, err, "--size");
    mst_words_add(&words, err, "%s", s->size->item[i]);
  }
  mst_words_add(&words, err, "--size");
  mst_words_add(&words, err, "%s=%lld", s->shard, (long long)n);
  mst_words_add(&words, err, "--seed=%llu", (unsigned long long)s->seed);
  mst_words_add(&words, err, "--out=%s", path);
  snprintf(what, sizeof what, "simulating %s = %lld", s->shard, (long long)n);
  if (err->status == MASTING_OK) run_words(&words, what, NULL, err);
  mst_words_free(&words);
  return err->status;
}

typedef struct timing {
  double seconds, steps, gradients_per_second, message_bytes;
} timing;

static masting_status read_result(const char *text, const char *what, timing *t, mst_error *err) {
  json_error_t problem;
  double warmup = 0, sampling = 0, gradients = 0, collectives = 0, bytes = 0;
  const char *brace = text ? strchr(text, '{') : NULL;
  json_t *root = brace ? json_loads(brace, JSON_DISABLE_EOF_CHECK, &problem) : NULL;
  int bad = !root || json_unpack(root, "{s:F,s:F,s:F,s:F,s:F,s:F,s:F}", "step_seconds", &t->seconds,
                                 "steps", &t->steps, "warmup_seconds", &warmup, "sampling_seconds",
                                 &sampling, "gradients", &gradients, "collectives", &collectives,
                                 "collective_bytes", &bytes) != 0;
  json_decref(root);
  if (bad || !(t->seconds > 0) || t->steps < 1)
    return mst_fail(err, MASTING_ERR_FORMAT,
                    "scaling: %s printed no result; expected a JSON object with step_seconds",
                    what);
  t->gradients_per_second = gradients / t->steps / t->seconds;
  t->message_bytes = collectives > 0 ? bytes / collectives : 0;
  return MASTING_OK;
}

static masting_status time_once(const mst_scaling *s, int ranks, int64_t n, int64_t steps,
                                timing *t, mst_error *err) {
  mst_words words = {0};
  char path[PATH_MAX], what[96], *output = NULL;
  data_path(s, n, path, sizeof path);
  snprintf(what, sizeof what, "sampling %s = %lld on %d ranks", s->shard, (long long)n, ranks);
  launch_words(s, ranks, &words, err);
  mst_words_add(&words, err, "sample");
  mst_words_add(&words, err, "%s", s->model);
  mst_words_add(&words, err, "%s", path);
  mst_words_add(&words, err, "--max-steps=%lld", (long long)steps);
  mst_words_add(&words, err, "--chains=%d", s->chains);
  mst_words_add(&words, err, "--threads=%d", s->threads);
  mst_words_add(&words, err, "--seed=%llu", (unsigned long long)s->seed);
  mst_words_add(&words, err, "--json");
  mst_words_add(&words, err, "--quiet");
  if (err->status == MASTING_OK && run_words(&words, what, &output, err) == MASTING_OK)
    read_result(output, what, t, err);
  free(output);
  mst_words_free(&words);
  return err->status;
}

static int by_value(const void *a, const void *b) {
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* Times a point; *steps is chosen here for the first point of an N, and kept for the others. */
static masting_status time_point(const mst_scaling *s, mst_scaling_point *p, int64_t *steps,
                                 mst_error *err) {
  double seconds[100];
  timing pilot = {0}, t = {0};
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  if (time_once(s, p->ranks, p->n, PILOT_STEPS, &pilot, err) != MASTING_OK) return err->status;
  if (*steps == 0)
    *steps = llround(fmin(fmax(s->run_seconds / pilot.seconds, LEAST_STEPS), MOST_STEPS));
  p->steps = *steps;
  for (int i = 0; i < s->repeats; i++) {
    if (time_once(s, p->ranks, p->n, *steps, &t, err) != MASTING_OK) return err->status;
    double later = t.seconds * t.steps - pilot.seconds * pilot.steps;
    seconds[i] = later > 0 ? later / (t.steps - pilot.steps) : t.seconds;
  }
  qsort(seconds, (size_t)s->repeats, sizeof *seconds, by_value);
  p->least = seconds[0];
  p->most = seconds[s->repeats - 1];
  p->seconds = (seconds[(s->repeats - 1) / 2] + seconds[s->repeats / 2]) / 2;
  p->gradients_per_second = t.gradients_per_second * t.seconds / p->seconds;
  p->message_bytes = t.message_bytes;
  fprintf(stderr, "masting: scaling: %s = %s, %d rank%s: %s a step\n", s->shard,
          mst_show_count(p->n, a), p->ranks, p->ranks == 1 ? "" : "s",
          mst_show_seconds(p->seconds, b));
  return MASTING_OK;
}

masting_status mst_scaling_run(mst_scaling *s, mst_error *err) {
  char path[PATH_MAX];
  for (int i = 0, end; i < s->npoints && err->status == MASTING_OK; i = end) {
    int64_t n = s->point[i].n;
    int64_t steps = 0;
    make_data(s, n, err);
    for (end = i; end < s->npoints && s->point[end].n == n; end++)
      if (err->status == MASTING_OK) time_point(s, &s->point[end], &steps, err);
    data_path(s, n, path, sizeof path);
    if (!s->keep_data) unlink(path);
  }
  return err->status;
}
