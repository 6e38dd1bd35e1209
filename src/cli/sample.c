/* cli/sample.c -- see sample.h. */
#include "cli/sample.h"

#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/show.h"
#include "cli/directions_view.h"

static const char *plural(int64_t n) { return n == 1 ? "" : "s"; }

void mst_sample_header(const mst_job *job, const mst_model_set *model, const mst_dataset *data,
                       int chains) {
  const masting_model *m = mst_job_model(model);
  char text[MST_SHOW_SIZE];
  if (job->comm.rank != 0) return;
  fprintf(stderr, "masting: %s", model->name);
  const char *before = ": ";
  for (int i = 0; i < m->nsizes; i++) {
    if (m->sizes[i].computed) continue;
    fprintf(stderr, "%s%s=%s", before, m->sizes[i].name, mst_show_count(data->size[i], text));
    before = ", ";
  }
  fprintf(stderr, "; %d chain%s, %d rank%s of %d thread%s, SIMD level %s\n", chains, plural(chains),
          job->comm.size, plural(job->comm.size), job->comm.threads, plural(job->comm.threads),
          mst_isa_name(job->isa));
}

static void add_int(json_t *root, const char *name, int64_t value) {
  json_object_set_new(root, name, json_integer((json_int_t)value));
}
static void add_real(json_t *root, const char *name, double value) {
  json_object_set_new(root, name, json_real(value));
}
static void add_text(json_t *root, const char *name, const char *value) {
  json_object_set_new(root, name, value ? json_string(value) : json_null());
}

static void add_machine(json_t *root, const mst_job *job, const mst_sample_options *o) {
  add_int(root, "ranks", job->comm.size);
  add_int(root, "threads", job->comm.threads);
  add_text(root, "isa", mst_isa_name(job->isa));
  add_int(root, "chains", o->chains);
  add_int(root, "draws", o->draws);
}

static void add_work(json_t *root, const mst_sample_result *r) {
  const double seconds = r->warmup_seconds + r->sampling_seconds;
  add_int(root, "warmup", r->warmup);
  add_int(root, "steps", r->steps);
  add_int(root, "warmup_steps", r->warmup_steps);
  add_int(root, "gradients", r->gradients);
  add_int(root, "collectives", r->collectives);
  add_int(root, "collective_bytes", r->collective_bytes);
  add_int(root, "divergences", r->divergences);
  add_int(root, "start_gradients", r->start_gradients);
  add_int(root, "start_passes", r->start_passes);
  add_real(root, "start_seconds", r->start_seconds);
  add_real(root, "warmup_seconds", r->warmup_seconds);
  add_real(root, "sampling_seconds", r->sampling_seconds);
  add_real(root, "first_gradient_seconds", r->first_gradient_seconds);
  add_real(root, "step_seconds", r->step_seconds);
  add_real(root, "gradients_per_second", seconds > 0 ? (double)r->gradients / seconds : 0.0);
}

static void report_json(const mst_job *job, const mst_sample_options *o,
                        const mst_sample_result *r) {
  json_t *root = json_object();
  add_machine(root, job, o);
  add_work(root, r);
  add_int(root, "peak_resident_bytes", (int64_t)mst_resident_peak());
  add_int(root, "rotations", r->rotations.draws);
  add_real(root, "rotation_acceptance",
           r->rotations.draws ? mst_rotation_acceptance(&r->rotations) : 0.0);
  add_text(root, "metric", r->metric_kind);
  json_object_set_new(root, "metric_spread", json_boolean(r->metric_distributed));
  add_int(root, "metric_rank", r->metric_rank);
  add_real(root, "metric_condition", r->metric_condition);
  add_int(root, "metric_fits", r->metric_fits);
  add_real(root, "metric_seconds", r->metric_seconds);
  if (r->directions.n)
    json_object_set_new(root, "spectrum", mst_directions_json(&r->directions, &r->layout));
  add_text(root, "out", o->out);
  json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
  putchar('\n');
  json_decref(root);
}

static void report_metric(const mst_sample_result *r) {
  char a[MST_SHOW_SIZE];
  if (r->metric_fits == 0) return;
  fprintf(stderr, "masting: metric: %s", r->metric_kind);
  if (r->metric_distributed) fputs(" (spread over the ranks)", stderr);
  if (r->metric_rank) fprintf(stderr, ", %d direction%s", r->metric_rank, plural(r->metric_rank));
  fprintf(
      stderr,
      "; condition of the global parameters beyond their scales %.3g; computed %lld time%s in %s\n",
      r->metric_condition, (long long)r->metric_fits, plural(r->metric_fits),
      mst_show_seconds(r->metric_seconds, a));
}

/* What the trials found: a line each, to read the choice from. */
static void report_sampler(const mst_sample_options *o, const mst_sample_result *r) {
  char a[MST_SHOW_SIZE];
  if (o->sampler == MST_SAMPLER_NUTS) return;
  if (!isfinite(r->trial_worth[0]) && r->rotations.draws == 0) {
    fputs("masting: sampler: trajectories alone: rotations need a metric that all chains learn in "
          "this run's warm-up and that no rank holds in parts (docs/rotation.md)\n",
          stderr);
    return;
  }
  fprintf(stderr, "masting: sampler: %s draws by rotation", mst_show_count(r->rotations.draws, a));
  if (r->rotations.draws)
    fprintf(stderr, ", acceptance %.2f, %.1f gradients each",
            mst_rotation_acceptance(&r->rotations),
            (double)r->rotations.gradients / (double)r->rotations.draws);
  fputc('\n', stderr);
  for (int k = 0; k <= MST_ROTATION_MOST; k++) {
    const mst_rotation_kind *kind = &r->trial[k];
    if (!isfinite(r->trial_worth[k])) continue;
    if (k)
      fprintf(stderr, "masting: sampler: trial of rotations in %d step%s", k, plural(k));
    else
      fputs("masting: sampler: trajectories", stderr);
    fprintf(stderr, ": acceptance %.2f, %.1f gradient%s each, worth %.2f of a draw\n",
            mst_rotation_acceptance(kind), (double)kind->gradients / (double)kind->draws,
            plural(k == 1 ? 1 : 2), r->trial_worth[k]);
  }
}

static void report_starts(const mst_sample_options *o, const mst_sample_result *r) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE];
  if (r->start_passes == 0) return;
  fprintf(stderr, "masting: start: %d of %d chains %s", r->starts_found, o->chains,
          o->init == MST_INIT_MODE ? "from a mode" : "at Pathfinder's draws");
  if (isfinite(r->start_k)) fprintf(stderr, " (Pareto k %.2f)", r->start_k);
  fprintf(stderr, "; %s gradients in %s passes over the data, %s\n",
          mst_show_count(r->start_gradients, a), mst_show_count(r->start_passes, b),
          mst_show_seconds(r->start_seconds, c));
}

static void report_costs(const mst_sample_options *o, const mst_sample_result *r) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE];
  double seconds = r->warmup_seconds + r->sampling_seconds;
  fprintf(stderr, "masting: time: %s = warm-up %s + sampling %s\n", mst_show_seconds(seconds, a),
          mst_show_seconds(r->warmup_seconds, b), mst_show_seconds(r->sampling_seconds, c));
  fprintf(stderr, "masting: work: %s leapfrog step%s of all chains, %s each; ",
          mst_show_count(r->steps, a), plural(r->steps), mst_show_seconds(r->step_seconds, b));
  fprintf(stderr, "%s gradients, %s a second\n", mst_show_count(r->gradients, a),
          mst_show_short(seconds > 0 ? (double)r->gradients / seconds : 0, b));
  report_sampler(o, r);
  report_metric(r);
  fprintf(stderr, "masting: messages: %s collective%s, %s in all, %s each\n",
          mst_show_count(r->collectives, a), plural(r->collectives),
          mst_show_bytes(r->collective_bytes, b),
          mst_show_bytes(r->collectives ? r->collective_bytes / r->collectives : 0, c));
}

static void report_spectrum(const mst_sample_options *o, const mst_sample_result *r) {
  if (!o->spectrum) return;
  if (r->directions.n == 0)
    fputs("masting: the metric is diagonal: no directions beside the parameters; try --metric "
          "dense\n",
          stderr);
  mst_directions_print(&r->directions, &r->layout, "learnt metric", "masting: ", stderr);
}

void mst_sample_report(const mst_job *job, const mst_sample_options *o, const mst_sample_result *r,
                       int quiet, int json) {
  char a[MST_SHOW_SIZE];
  if (job->comm.rank != 0) return;
  if (!quiet) {
    report_starts(o, r);
    report_costs(o, r);
    report_spectrum(o, r);
  }
  if (r->rotations.draws && mst_rotation_acceptance(&r->rotations) < 0.5)
    mst_warn(
        "rotations: %.0f %% were accepted: the posterior is far from the Gaussian that warm-up "
        "learnt; try --sampler auto or nuts, --metric auto, or a longer --warmup",
        100 * mst_rotation_acceptance(&r->rotations));
  if (r->divergences)
    mst_warn("%s divergence%s after warm-up: the draws may miss part of the posterior; try "
             "--target-accept 0.95, or another parameterisation",
             mst_show_count(r->divergences, a), plural(r->divergences));
  if (o->out && !quiet)
    fprintf(stderr, "masting: draws in %s; next: masting summary %s\n", o->out, o->out);
  if (json) report_json(job, o, r);
}

static int status_of(const mst_stop *stop, const mst_sample_result *r) {
  enum { SIGNAL = 128, TIMEOUT = 124, RESUMABLE = 75 };
  if (r->finished) return 0;
  if (r->resumable) return RESUMABLE;
  if (stop->timed) return TIMEOUT;
  return SIGNAL + (mst_stop_noted() ? mst_stop_noted() : SIGTERM);
}

static void tell_stopped(const mst_sample_options *o, const mst_stop *stop,
                         const mst_sample_result *r) {
  char line[1200], after[MST_SHOW_SIZE], a[MST_SHOW_SIZE], b[MST_SHOW_SIZE], c[MST_SHOW_SIZE];
  const int64_t chains = o->chains;
  const int n =
      snprintf(line, sizeof line, "masting: stopped by %s after %s: ", mst_stop_reason(stop),
               mst_show_seconds(r->warmup_seconds + r->sampling_seconds, after));
  char *to = line + n;
  const size_t room = sizeof line - (size_t)n;
  if (!o->out)
    snprintf(to, room, "no draws were stored");
  else if (r->finished)
    snprintf(to, room, "%s of %s draws a chain are in %s; next: masting summary %s",
             mst_show_count(r->draws_least, a), mst_show_count(o->draws, b), o->out, o->out);
  else if (r->resumable)
    snprintf(to, room,
             "%s of %s draws (%s a chain) are in %s.partial; to go on: masting sample --resume %s",
             mst_show_count(r->draws_done, a), mst_show_count(chains * o->draws, b),
             mst_show_count(r->draws_least, c), o->out, o->checkpoint);
  else if (r->kept)
    snprintf(to, room,
             "%s of %s draws (%s a chain) are in %s.partial; a whole file of them: masting recover "
             "%s.partial",
             mst_show_count(r->draws_done, a), mst_show_count(chains * o->draws, b),
             mst_show_count(r->draws_least, c), o->out, o->out);
  else
    snprintf(to, room,
             "%s of %s draws of warm-up, and none after it that all chains have; nothing is kept",
             mst_show_count(r->warmup_done, a), mst_show_count(chains * r->warmup, b));
  fprintf(stderr, "%s\n", line);
}

int mst_sample_stopped(const mst_job *job, const mst_sample_options *o, const mst_stop *stop,
                       const mst_sample_result *r) {
  mst_error lost = {0};
  int status = status_of(stop, r);
  if (job->comm.rank == 0) tell_stopped(o, stop, r);
  if (mst_bcast(&job->comm, &status, sizeof status, &lost) != MASTING_OK)
    mst_abort_all(&job->comm, &lost);
  return status;
}

static void print_shape(FILE *file, const masting_model *m, const char *name, int ndims,
                        const int *dims) {
  fprintf(file, " %s", name);
  for (int i = 0; i < ndims; i++)
    fprintf(file, "%s%s%s", i ? "," : "[", m->sizes[dims[i]].name, i + 1 == ndims ? "]" : "");
}

void mst_gallery_print(FILE *file) {
  const masting_model *m;
  for (int i = 0; (m = mst_gallery_at(i)) != NULL; i++) {
    fprintf(file, "%s\n    %s\n    data:", m->name, m->doc);
    for (int k = 0; k < m->ndata; k++)
      print_shape(file, m, m->data[k].name, m->data[k].ndims, m->data[k].dims);
    fputs("\n    parameters:", file);
    for (int k = 0; k < m->nparams; k++)
      print_shape(file, m, m->params[k].name, m->params[k].ndims, m->params[k].dims);
    if (m->shard >= 0) fprintf(file, "\n    cut over ranks: %s", m->sizes[m->shard].name);
    fputc('\n', file);
  }
}

char *mst_command_line(int argc, const char **argv) {
  size_t length = sizeof "masting";
  for (int i = 0; i < argc; i++) length += strlen(argv[i]) + 1;
  char *line = malloc(length);
  if (!line) return NULL;
  strcpy(line, "masting");
  for (int i = 0; i < argc; i++) {
    strcat(line, " ");
    strcat(line, argv[i]);
  }
  return line;
}
