/* cli/scaling_plot.c -- the curves with their ideal lines, by gnuplot. See scaling.h. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/show.h"
#include "cli/scaling.h"
#include "base/spawn.h"

static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                      "#e69f00", "#56b4e9", "#000000"};
enum { COLOURS = sizeof colours / sizeof *colours };

/* One data block: x, median, least, most, in seconds; by N when ranks is 0, else by ranks. */
static int write_block(FILE *f, const mst_scaling *s, const char *name, int ranks, int64_t n,
                       int weak) {
  int rows = 0;
  fprintf(f, "$%s << EOD\n", name);
  for (int i = 0; i < s->npoints; i++) {
    const mst_scaling_point *p = &s->point[i];
    bool here = weak ? p->n * s->ranks[0] == n * p->ranks : ranks ? p->ranks == ranks : p->n == n;
    if (!here) continue;
    fprintf(f, "%lld %.6g %.6g %.6g\n", ranks ? (long long)p->n : (long long)p->ranks, p->seconds,
            p->least, p->most);
    rows++;
  }
  fputs("EOD\n", f);
  return rows;
}

/* Seconds of a point that anchors an ideal line. */
static double anchor(const mst_scaling *s, int ranks, int64_t n) {
  for (int i = 0; i < s->npoints; i++)
    if (s->point[i].ranks == ranks && s->point[i].n == n) return s->point[i].seconds;
  return NAN;
}

/* The same axis of time in every panel, in units that people say. */
static void time_axis(FILE *f, const mst_scaling *s) {
  double least = s->point[0].least, most = s->point[0].most;
  for (int i = 0; i < s->npoints; i++) {
    least = fmin(least, s->point[i].least);
    most = fmax(most, s->point[i].most);
  }
  fprintf(f, "set ylabel 'time of a step'\nset yrange [%g:%g]\nset ytics (", least / 2, most * 2);
  for (int e = -9; e <= 3; e++) {
    char text[MST_SHOW_SIZE];
    for (int digit = 1; digit <= 9; digit++) {
      double x = digit * pow(10, e);
      if (digit == 1)
        fprintf(f, "%s'%s' %g", e > -9 ? ", " : "", mst_show_seconds(x, text), x);
      else
        fprintf(f, ", '' %g 1", x);
    }
  }
  fputs(")\n", f);
}

static void write_head(FILE *f, const mst_scaling *s, const char *png, int panels) {
  fprintf(f, "set terminal pngcairo size %d,560 font 'DejaVu Sans,11' background 'white'\n",
          580 * panels);
  fprintf(f, "set output '%s'\n", png);
  fprintf(f,
          "set multiplot layout 1,%d title \"%s: time of a leapfrog step of %d chains, %d "
          "thread%s a rank\" noenhanced font ',13'\n",
          panels, s->model, s->chains, s->threads, s->threads == 1 ? "" : "s");
  fputs("set logscale xy\nset border 3\nset tics nomirror out\n"
        "set grid xtics ytics lt 1 lw 0.6 lc rgb '#cccccc'\n"
        "set bmargin 6.5\nset key bmargin center horizontal samplen 2\n",
        f);
  time_axis(f, s);
}

static void rank_axis(FILE *f, const mst_scaling *s) {
  const int last = s->ranks[s->nranks - 1];
  fprintf(f, "set xlabel 'ranks'\nset xrange [%g:%g]\nset xtics (", s->ranks[0] * 0.85,
          last * 1.18);
  for (int r = 0; r < s->nranks; r++) fprintf(f, "%s%d", r ? "," : "", s->ranks[r]);
  fputs(")\n", f);
}

/* A panel over ranks: strong (same N) or weak (same N/R). */
static void write_rank_panel(FILE *f, const mst_scaling *s, int weak) {
  char count[MST_SHOW_SIZE];
  rank_axis(f, s);
  fprintf(f, "set title '%s' font ',12'\nset format x '%%g'\nplot ",
          weak ? "Weak scaling" : "Strong scaling");
  for (int i = 0; i < s->nsizes; i++) {
    const char *colour = colours[i % COLOURS];
    double t0 = anchor(s, s->ranks[0], s->sizes[i]);
    fprintf(f,
            "%s$%s%d using 1:2:3:4 with yerrorbars pt 7 ps 1.2 lw 1.6 lc rgb '%s' notitle, "
            "$%s%d using 1:2 with linespoints pt 7 ps 1.2 lw 2 lc rgb '%s' title '%s = %s%s', ",
            i ? ", " : "", weak ? "weak" : "strong", i, colour, weak ? "weak" : "strong", i, colour,
            s->shard, mst_show_count(s->sizes[i] / (weak ? s->ranks[0] : 1), count),
            weak ? " a rank" : "");
    if (weak)
      fprintf(f, "%.6g with lines dt 2 lw 1.4 lc rgb '%s' %s", t0, colour,
              i + 1 < s->nsizes ? "notitle" : "title 'ideal'");
    else
      fprintf(f, "%.6g*%d/x with lines dt 2 lw 1.4 lc rgb '%s' %s", t0, s->ranks[0], colour,
              i + 1 < s->nsizes ? "notitle" : "title 'ideal'");
  }
  fputs("\n", f);
}

static void write_size_panel(FILE *f, const mst_scaling *s) {
  const int64_t first = s->point[0].n, last = s->point[s->npoints - 1].n;
  fprintf(f,
          "set xlabel '%s'\nset xrange [%g:%g]\nset xtics auto\nset format x '10^{%%L}'\n"
          "set title 'Growing data' font ',12'\nplot ",
          s->shard, (double)first / 1.5, (double)last * 1.5);
  for (int r = 0; r < s->nranks; r++) {
    const char *colour = colours[r % COLOURS];
    double largest = 0, t = 0;
    for (int i = 0; i < s->npoints; i++)
      if (s->point[i].ranks == s->ranks[r]) {
        largest = (double)s->point[i].n;
        t = s->point[i].seconds;
      }
    fprintf(f,
            "%s$bysize%d using 1:2:3:4 with yerrorbars pt 7 ps 1.2 lw 1.6 lc rgb '%s' notitle, "
            "$bysize%d using 1:2 with linespoints pt 7 ps 1.2 lw 2 lc rgb '%s' title '%d rank%s'"
            ", %.6g*x with lines dt 2 lw 1.4 lc rgb '%s' %s",
            r ? ", " : "", r, colour, r, colour, s->ranks[r], s->ranks[r] == 1 ? "" : "s",
            t / largest, colour, r + 1 < s->nranks ? "notitle" : "title 'proportional'");
  }
  fputs("\n", f);
}

static void write_script(FILE *f, const mst_scaling *s, const char *png) {
  bool strong = s->mode == MST_SCALING_STRONG || s->mode == MST_SCALING_ALL;
  bool weak = s->mode == MST_SCALING_WEAK || s->mode == MST_SCALING_ALL;
  bool size = s->mode == MST_SCALING_N || s->mode == MST_SCALING_ALL;
  char name[32];
  for (int i = 0; i < s->nsizes; i++) {
    snprintf(name, sizeof name, "strong%d", i);
    if (strong) write_block(f, s, name, 0, s->sizes[i], 0);
    snprintf(name, sizeof name, "weak%d", i);
    if (weak) write_block(f, s, name, 0, s->sizes[i], 1);
  }
  for (int r = 0; r < s->nranks; r++) {
    snprintf(name, sizeof name, "bysize%d", r);
    if (size) write_block(f, s, name, s->ranks[r], 0, 0);
  }
  write_head(f, s, png, strong + weak + size);
  if (strong) write_rank_panel(f, s, 0);
  if (weak) write_rank_panel(f, s, 1);
  if (size) write_size_panel(f, s);
  fputs("unset multiplot\n", f);
}

masting_status mst_scaling_plot(const mst_scaling *s, const char *path, mst_error *err) {
  char script[PATH_MAX];
  const char *dot = strrchr(path, '.');
  snprintf(script, sizeof script, "%.*s.gp", dot ? (int)(dot - path) : (int)strlen(path), path);
  FILE *f = fopen(script, "w");
  if (!f)
    return mst_fail(err, MASTING_ERR_NOFILE, "%s: cannot be written: %s", script, strerror(errno));
  write_script(f, s, path);
  int bad = ferror(f), status = 0;
  if (fclose(f) != 0 || bad)
    return mst_fail(err, MASTING_ERR_IO, "%s: cannot be written: %s", script, strerror(errno));
  mst_words words = {0};
  mst_error run = {0};
  mst_words_add(&words, &run, "gnuplot");
  mst_words_add(&words, &run, "%s", script);
  mst_spawn(&words, &status, NULL, &run);
  mst_words_free(&words);
  if (run.status != MASTING_OK || status) {
    mst_warn("no picture: %s; try installing gnuplot, then: gnuplot %s",
             run.status != MASTING_OK ? run.message : "gnuplot failed", script);
    return MASTING_OK;
  }
  fprintf(stderr, "masting: wrote %s (from %s)\n", path, script);
  return MASTING_OK;
}
