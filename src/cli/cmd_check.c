/* cli/cmd_check.c -- `masting check MODEL DATA`: is the gradient right, and will it fit?
 *
 * Collective.  * Exit status 2 when an element of the gradient is wrong: the model is.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/show.h"
#include "cli/checkat.h"
#include "cli/cmd.h"
#include "cli/command.h"
#include "cli/gradcheck.h"
#include "cli/job.h"
#include "target/normal.h"

typedef struct check_options {
  const char *shard;
  int64_t spread_from;
  mst_gradcheck_options grad;
  const char *at;
  int json, float32, threads, isa, chains, lanes;
  mst_opt_list size, given;
} check_options;

static void print_dims(const masting_model *m, const int64_t *size, const char *name, int ndims,
                       const int *dims) {
  char shape[160] = "scalar";
  int used = 0;
  for (int i = 0; i < ndims && used < (int)sizeof shape; i++) {
    const masting_size *s = &m->sizes[dims[i]]; /* names of computed ones are the model's own */
    used += snprintf(shape + used, sizeof shape - (size_t)used, "%s%s%s%lld", i ? ", " : "[",
                     s->computed ? "" : s->name, s->computed ? "" : "=", (long long)size[dims[i]]);
  }
  fprintf(stderr, "  %-14s %s%s", name, shape, ndims ? "]" : "");
}

static const char *transform_text(const masting_param *p, char *text, size_t size) {
  switch (p->transform) {
  case MASTING_IDENTITY:
    return "";
  case MASTING_LOWER:
    snprintf(text, size, ", above %g", p->lower);
    break;
  case MASTING_UPPER:
    snprintf(text, size, ", below %g", p->upper);
    break;
  case MASTING_INTERVAL:
    snprintf(text, size, ", from %g to %g", p->lower, p->upper);
    break;
  case MASTING_ORDERED:
    return ", ordered";
  case MASTING_POSITIVE_ORDERED:
    return ", positive and ordered";
  }
  return text;
}

static void print_normals(const mst_target *target) {
  const mst_layout *layout = mst_target_layout(target);
  const masting_model *m = layout->model;
  if (m->nnormals) fputs("normals over many rows\n", stderr);
  for (int i = 0; i < m->nnormals; i++) {
    print_dims(m, layout->size, m->normals[i].name, 1, &m->normals[i].order);
    fputs(mst_normal_is_distributed(target, i) ? ", spread over the ranks\n" : ", on every rank\n",
          stderr);
  }
}

static void print_shapes(const mst_layout *layout, const mst_dataset *data) {
  static const char *const types[] = {"float64", "float32", "int32"};
  const masting_model *m = layout->model;
  char count[MST_SHOW_SIZE], text[64];
  fputs("data\n", stderr);
  for (int i = 0; i < m->ndata; i++) {
    print_dims(m, layout->size, m->data[i].name, m->data[i].ndims, m->data[i].dims);
    fprintf(stderr, ", %s%s\n", types[data->type[i]],
            m->data[i].made    ? ", made by the model"
            : data->sharded[i] ? ", cut over ranks"
                               : "");
  }
  fputs("parameters\n", stderr);
  for (int i = 0; i < m->nparams; i++) {
    print_dims(m, layout->size, m->params[i].name, m->params[i].ndims, m->params[i].dims);
    fprintf(stderr, "%s%s\n", transform_text(&m->params[i], text, sizeof text),
            layout->param[i].local ? ", kept with its rows" : "");
  }
  fprintf(stderr, "  %s unconstrained elements\n",
          mst_show_count(mst_layout_elements(layout), count));
  if (m->nshared) fputs("shared values, which rows read in place of global parameters\n", stderr);
  for (int i = 0; i < m->nshared; i++) {
    print_dims(m, layout->size, m->shared[i].name, m->shared[i].ndims, m->shared[i].dims);
    fputs("\n", stderr);
  }
}

/* Collective. Memory and messages, the largest over ranks. */
static void print_costs(const mst_job *job, const mst_target *target, const mst_dataset *data,
                        int chains) {
  int64_t mine[3] = {data->bytes + mst_target_made_bytes(target),
                     mst_target_resident_estimate(target, 10), data->shard.rows};
  int64_t most[3], least[3];
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  MPI_Reduce(mine, most, 3, MPI_INT64_T, MPI_MAX, 0, job->comm.mpi);
  MPI_Reduce(mine, least, 3, MPI_INT64_T, MPI_MIN, 0, job->comm.mpi);
  if (job->comm.rank != 0) return;
  fprintf(stderr, "cost of %d chains on %d rank%s of %d thread%s\n", chains, job->comm.size,
          job->comm.size == 1 ? "" : "s", job->comm.threads, job->comm.threads == 1 ? "" : "s");
  if (data->shard.n)
    fprintf(stderr, "  %-14s %s to %s\n", "rows a rank", mst_show_count(least[2], a),
            mst_show_count(most[2], b));
  fprintf(stderr, "  %-14s %s at most a rank\n", "data", mst_show_bytes(most[0], a));
  fprintf(stderr, "  %-14s %s at most a rank, for trees of depth 10\n", "memory",
          mst_show_bytes(most[1], a));
  bool spread = false;
  for (int i = 0; i < mst_target_layout(target)->model->nnormals; i++)
    spread = spread || mst_normal_is_distributed(target, i);
  fprintf(stderr, "  %-14s %s, one a leapfrog step%s\n", "message",
          mst_show_bytes(mst_target_message_bytes(target), a),
          spread ? ", and those of the normals' matrices" : "");
}

static masting_status print_gradient(const mst_target *target, const check_options *o,
                                     const mst_gradcheck *r, int rank, mst_error *err) {
  const mst_layout *layout = mst_target_layout(target);
  char name[160] = "none", a[MST_SHOW_SIZE];
  if (r->worst_element >= 0) mst_element_name(layout, r->worst_element, name, sizeof name);
  if (rank == 0) {
    fprintf(stderr, "gradient against central differences\n  %-14s %s at %d point%s\n", "elements",
            mst_show_count(r->checked, a), o->grad.points, o->grad.points == 1 ? "" : "s");
    fprintf(stderr, "  %-14s %.2g relative, at %s\n", "worst", r->worst, name);
    if (r->undecided)
      mst_warn("check: %s elements could not be judged: the differences are too rough there",
               mst_show_count(r->undecided, a));
    if (r->bad_points)
      mst_warn("check: %d of %d points left out: the log density is not finite there; try a "
               "smaller --radius",
               r->bad_points, o->grad.points);
  }
  if (r->wrong)
    return mst_fail(err, MASTING_ERR_MODEL,
                    "check: the gradient of %s is wrong (%lld of %lld elements are), worst at "
                    "point %d; expected %.10g from central differences, got %.10g",
                    name, (long long)r->wrong, (long long)r->checked, r->worst_point + 1,
                    r->worst_difference, r->worst_gradient);
  if (r->checked == r->undecided)
    return mst_fail(err, MASTING_ERR_MODEL,
                    "check: no element of the gradient could be judged; try a smaller --radius");
  if (rank == 0) fputs("masting: the gradient is right\n", stderr);
  return MASTING_OK;
}

static masting_status check_target(mst_job *job, const check_options *o, mst_target *target,
                                   const mst_dataset *data, mst_error *err) {
  mst_gradcheck result;
  if (o->at) return mst_check_at(target, &job->comm, o->at, o->json, err);
  if (job->comm.rank == 0) {
    print_shapes(mst_target_layout(target), data);
    print_normals(target);
  }
  print_costs(job, target, data, o->chains);
  if (mst_layout_elements(mst_target_layout(target)) == 0) {
    if (job->comm.rank == 0) fputs("masting: no parameters: there is no gradient\n", stderr);
    return MASTING_OK;
  }
  if (mst_gradcheck_run(target, &job->comm, &o->grad, &result, err) != MASTING_OK)
    return err->status;
  return print_gradient(target, o, &result, job->comm.rank, err);
}

static masting_status run(mst_job *job, mst_opts *opts, const check_options *o, mst_error *err) {
  mst_read_options read = {.float32 = o->float32, .seed = o->grad.seed};
  mst_size_value *sizes = NULL;
  mst_model_set model = {0};
  mst_dataset data = {0};
  mst_target *target = NULL;
  mst_job_sizes(opts, &o->size, &o->given, &sizes, &read.nsizes, err);
  read.sizes = sizes;
  job->chains = o->chains;
  job->lanes = o->lanes;
  job->build.lang.size = o->shard;
  job->build.lang.verify = true;
  job->build.lang.distribute_from = o->spread_from;
  if (mst_agree(&job->comm, err) == MASTING_OK &&
      mst_job_load(job, opts->positional[0], opts->npositional > 1 ? opts->positional[1] : NULL,
                   &read, &model, &data, err) == MASTING_OK &&
      mst_target_create(&target, &job->comm, &model, &data, job->isa, o->chains, o->lanes,
                        MST_EXACT, err) == MASTING_OK)
    check_target(job, o, target, &data, err);
  mst_target_free(&target);
  mst_dataset_free(&data);
  mst_model_close(&model);
  free(sizes);
  return err->status;
}

int cmd_check(int argc, const char **argv) {
  check_options o = {
      .grad = {.points = 3, .radius = 1, .seed = 1, .most_global = 1000, .most_local = 30},
      .isa = MST_ISA_COUNT,
      .chains = 8,
      .spread_from = MST_COVARIANCE_DIST_FROM};
  mst_opt table[] = {
      {"points", 0, MST_OPT_INT, &o.grad.points, 1, 1000, NULL, "K", "3",
       "at how many random points", false},
      {"radius", 0, MST_OPT_REAL, &o.grad.radius, 0, 100, NULL, "R", "1",
       "points are uniform in (-R, R), unconstrained scale", false},
      {"seed", 's', MST_OPT_U64, &o.grad.seed, 0, 0, NULL, "SEED", "1",
       "of the points, and of random numbers in transformed data", false},
      {"most-global", 0, MST_OPT_I64, &o.grad.most_global, 1, 0x1p53, NULL, "E", "1000",
       "elements looked at, of each global parameter", false},
      {"most-local", 0, MST_OPT_I64, &o.grad.most_local, 1, 0x1p53, NULL, "E", "30",
       "elements looked at, of each row-local parameter", false},
      {"at", 0, MST_OPT_TEXT, &o.at, 0, 0, NULL, "FILE", NULL,
       "print log density and gradient at the points of a JSON file", false},
      {"json", 0, MST_OPT_FLAG, &o.json, 0, 0, NULL, NULL, NULL, "print those as JSON", false},
      MST_ROW_SIZE(&o),
      MST_ROW_DATA(&o),
      {"float32", 0, MST_OPT_FLAG, &o.float32, 0, 0, NULL, NULL, NULL,
       "keep covariates in single precision", false},
      {"chains", 'c', MST_OPT_INT, &o.chains, 1, 64, NULL, "C", "8", "for memory and messages",
       false},
      {"lanes", 0, MST_OPT_INT, &o.lanes, 1, 16, NULL, "L", NULL, "chains in one SIMD batch",
       false},
      {"threads", 't', MST_OPT_INT, &o.threads, 1, 4096, NULL, "T", NULL, "OpenMP threads a rank",
       false},
      MST_ROW_SHARD(&o.shard),
      MST_ROW_COVARIANCE(&o.spread_from),
      {"isa", 0, MST_OPT_CHOICE, &o.isa, 0, 0, mst_isa_choices, NULL, "best", "SIMD level", false},
      {0}};
  mst_opts opts = {.command = "check",
                   .synopsis = "MODEL [DATA] [options]",
                   .table = table,
                   .about = "Holds the gradient against central differences at random points, and "
                            "tells shapes,\nmemory a rank and bytes a message. Exit status 2 if "
                            "the gradient is wrong.",
                   .min_positional = 1,
                   .max_positional = 2};
  mst_error err = {0};
  mst_opts_parse(&opts, argc, argv, &err);
  if (opts.help) {
    mst_opts_help(&opts, stdout);
    mst_opts_free(&opts);
    return 0;
  }
  if (o.json && !o.at)
    mst_fail(&err, MASTING_ERR_USAGE, "--json: needs --at; expected --at points.json --json");
  mst_job_lanes(o.lanes, &err);
  mst_job job;
  mst_job_options how = {
      .threads = o.threads, .isa = o.isa, .model = opts.npositional ? opts.positional[0] : NULL};
  if (mst_job_begin(&job, &how, &err) == MASTING_OK) run(&job, &opts, &o, &err);
  mst_opts_free(&opts);
  return mst_job_end(&job, &err);
}
