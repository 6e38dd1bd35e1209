/* optim/outcome.c -- classifies how an ascent ended, and finds the parameter that diverges, if one
 * does. See optim.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/transform.h"
#include "optim/optim.h"

#define FAR 8.0   /* on the unconstrained scale: 3e-4 from a bound */
#define STEEP 1.0 /* with short steps near a bound: a larger gradient means that there is no mode */

typedef struct place {
  double moves, where; /* how much it moves, and where it is */
  int64_t element;     /* of the globals, or counted over all rows */
} place;

static place fastest(const mst_span_state *s, int W, int lane, int64_t first) {
  place most = {.moves = -1};
  for (int64_t i = 0; i < s->elements; i++) {
    const double x = s->x[i * W + lane], p = s->p[i * W + lane];
    if (fabs(p) <= most.moves) continue;
    most = (place){fabs(p), copysign(fabs(x), p), first + i};
  }
  return most;
}

/* The global element that has come nearest to its bound (scales that vanish): how far out it is. */
static place nearest_bound(const mst_optim *o, int c) {
  const mst_layout *l = &o->target->layout;
  const int W = o->target->lanes;
  const double *x = o->global[c / W].x + c % W;
  place most = {.moves = -1};
  for (int p = 0; p < l->model->nparams; p++) {
    const masting_transform how = l->model->params[p].transform;
    if (l->param[p].local ||
        (how != MASTING_LOWER && how != MASTING_UPPER && how != MASTING_INTERVAL))
      continue;
    for (int64_t i = l->param[p].offset; i < l->param[p].offset + l->param[p].elements; i++) {
      const double far = how == MASTING_INTERVAL ? fabs(x[i * W]) : -x[i * W];
      if (far > most.moves) most = (place){far, x[i * W], i};
    }
  }
  return most;
}

/* The fastest of all ranks' row-local elements, on all ranks. */
static place fastest_row(const mst_optim *o, int c) {
  const mst_target *t = o->target;
  const int W = t->lanes;
  const int64_t first = t->data->shard.first_row.v * t->layout.locals;
  place mine = fastest(&o->local[c / W], W, c % W, first);
  struct {
    double value;
    int rank;
  } in = {mine.moves, t->comm->rank}, out = in;
  double both[2] = {mine.where, (double)mine.element};
  mst_error err = {0};
  if (mst_mpi_check(MPI_Allreduce(&in, &out, 1, MPI_DOUBLE_INT, MPI_MAXLOC, t->comm->mpi),
                    "MPI_Allreduce", &err) != MASTING_OK ||
      mst_mpi_check(MPI_Bcast(both, 2, MPI_DOUBLE, out.rank, t->comm->mpi), "MPI_Bcast", &err) !=
          MASTING_OK)
    mst_abort_all(t->comm, &err);
  return (place){out.value, both[0], (int64_t)both[1]};
}

/* What y going up or down without end means for the parameter itself. */
static void write_outcome(const masting_param *p, double y, char *text, size_t size) {
  const bool up = y > 0;
  const bool upper =
      (p->transform == MASTING_UPPER && !up) || (p->transform == MASTING_INTERVAL && up);
  const bool lower =
      (p->transform == MASTING_LOWER && !up) || (p->transform == MASTING_INTERVAL && !up);
  if (upper || lower)
    snprintf(text, size, "goes to its bound %g", upper ? p->upper : p->lower);
  else if (p->transform == MASTING_IDENTITY)
    snprintf(text, size, "goes to %sinfinity (it is %.3g)", up ? "" : "-", y);
  else
    snprintf(text, size, "goes to %sinfinity (%.3g on the unconstrained scale)", up ? "" : "-", y);
}

static void name_element(const mst_optim *o, const place *at, bool local, mst_outcome *outcome) {
  const mst_layout *l = &o->target->layout;
  const int64_t row = local ? at->element / l->locals : 0;
  const int64_t element = local ? at->element % l->locals : at->element;
  if (local)
    mst_local_name(l, row, element, outcome->name, sizeof outcome->name);
  else
    mst_global_name(l, element, outcome->name, sizeof outcome->name);
  for (int p = 0; p < l->model->nparams; p++) {
    const mst_param_layout *q = &l->param[p];
    if (q->local != local || element < q->offset || element >= q->offset + q->elements) continue;
    write_outcome(&l->model->params[p], at->where, outcome->where, sizeof outcome->where);
  }
}

void mst_optim_outcome(const mst_optim *o, int c, mst_outcome *outcome) {
  const int W = o->target->lanes;
  const mst_ascent *s = &o->start[c];
  const bool runs = s->end == MST_END_INFINITY || s->end == MST_END_UNBOUNDED;
  *outcome = (mst_outcome){.end = s->end};
  if (!runs) {
    if (mst_ascent_converged(s->end) && s->norm_g < STEEP) return;
    const place at = nearest_bound(o, c);
    if (at.moves < FAR) return;
    outcome->end = MST_END_UNBOUNDED;
    name_element(o, &at, false, outcome);
    return;
  }
  place at = fastest(&o->global[c / W], W, c % W, 0);
  bool local = false;
  if (o->target->layout.locals) {
    const place row = fastest_row(o, c);
    local = row.moves > at.moves;
    if (local) at = row;
  }
  name_element(o, &at, local, outcome);
}
