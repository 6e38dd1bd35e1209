/* run/progress.c -- see progress.h. */
#define _GNU_SOURCE
#include "run/progress.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/show.h"

enum { DEFAULT_WIDTH = 80, BAR_CELLS = 24, LINE = 512 };

/* The terminal behind a process's standard error, if that is one. */
static bool terminal_of(const char *link, char *path, size_t size) {
  ssize_t n = readlink(link, path, size - 1);
  if (n < 0) n = 0;
  path[n] = '\0';
  return strncmp(path, "/dev/pts/", 9) == 0 || strncmp(path, "/dev/tty", 8) == 0;
}

/* mpirun passes on our standard error by a pipe; what it writes to itself is the user's choice. */
static bool launcher_terminal(char *path, size_t size) {
  char name[64] = "", file[64];
  snprintf(file, sizeof file, "/proc/%d/comm", (int)getppid());
  FILE *f = fopen(file, "r");
  if (!f) return false;
  if (!fgets(name, sizeof name, f)) name[0] = '\0';
  fclose(f);
  static const char *const launchers[] = {"mpirun\n",  "mpiexec\n",       "orterun\n",
                                          "prterun\n", "mpiexec.hydra\n", "hydra_pmi_proxy\n"};
  snprintf(file, sizeof file, "/proc/%d/fd/2", (int)getppid());
  for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++)
    if (strcmp(name, launchers[i]) == 0) return terminal_of(file, path, size);
  return false;
}

static bool utf8_locale(void) {
  static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = getenv(names[i]);
    if (value && *value) return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
  }
  return false;
}

void mst_progress_begin(mst_progress_view *view, mst_progress_mode mode) {
  *view = (mst_progress_view){.mode = mode, .utf8 = utf8_locale()};
  bool terminal = terminal_of("/proc/self/fd/2", view->terminal, sizeof view->terminal) ||
                  launcher_terminal(view->terminal, sizeof view->terminal);
  if (!terminal) view->terminal[0] = '\0';
  const char *term = getenv("TERM");
  if (mode == MST_PROGRESS_AUTO)
    view->mode =
        terminal && !(term && strcmp(term, "dumb") == 0) ? MST_PROGRESS_BAR : MST_PROGRESS_LOG;
}

static int width_of(const mst_progress_view *view) {
  struct winsize size = {0};
  int fd = view->terminal[0] ? open(view->terminal, O_RDONLY | O_NOCTTY | O_CLOEXEC) : -1;
  if (fd >= 0) {
    if (ioctl(fd, TIOCGWINSZ, &size) != 0) size.ws_col = 0;
    close(fd);
  }
  return size.ws_col ? size.ws_col : DEFAULT_WIDTH;
}

static double fraction(const mst_progress *p) {
  double all = (double)p->chains * ((double)p->warmup + p->draws);
  return all > 0 ? ((double)p->warmup_done + (double)p->draws_done) / all : 1.0;
}

static bool in_warmup(const mst_progress *p) {
  return p->warmup_done < (int64_t)p->chains * p->warmup;
}

static void draw_bar(double done, int cells, bool utf8, char *text, size_t size) {
  static const char *const eighths[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  int parts = (int)(done * cells * (utf8 ? 8 : 1) + 1e-9), per = utf8 ? 8 : 1;
  size_t used = 0;
  for (int i = 0; i < cells && used < size; i++) {
    int here = parts - i * per;
    const char *full = utf8 ? "█" : "#", *empty = utf8 ? " " : ".";
    const char *cell = here >= per ? full : here > 0 ? eighths[here] : empty;
    used += (size_t)snprintf(text + used, size - used, "%s", cell);
  }
}

/* Minutes and seconds as a clock shows them. */
static void clock_text(double seconds, char *text, size_t size) {
  long long s = seconds > 0 ? llround(seconds) : 0;
  if (s >= 3600)
    snprintf(text, size, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
  else
    snprintf(text, size, "%lld:%02lld", s / 60, s % 60);
}

enum { FIELDS = 6 };
/* The parts of a line, padded so that a redrawn one does not wander. */
static void make_fields(const mst_progress *p, char field[FIELDS][MST_SHOW_SIZE]) {
  char a[MST_SHOW_SIZE], b[MST_SHOW_SIZE];
  bool warmup = in_warmup(p);
  int most = p->warmup > p->draws ? p->warmup : p->draws;
  int width = (int)strlen(mst_show_count((int64_t)p->chains * most, a));
  mst_show_count(warmup ? p->warmup_done : p->draws_done, a);
  mst_show_count((int64_t)p->chains * (warmup ? p->warmup : p->draws), b);
  snprintf(field[0], MST_SHOW_SIZE, "%*.18s/%.18s draws%*s", width, a, b, width - (int)strlen(b),
           "");
  snprintf(field[1], MST_SHOW_SIZE, "%2.24s div", mst_show_count(p->divergences, a));
  snprintf(a, sizeof a, "%.2g", p->step_size);
  snprintf(field[2], MST_SHOW_SIZE, "step %-6.24s", a);
  snprintf(field[3], MST_SHOW_SIZE, "depth %4.1f", p->mean_depth);
  snprintf(field[4], MST_SHOW_SIZE, "%5.24s grad/s", mst_show_short(p->gradients_per_second, a));
  clock_text(p->finished ? p->elapsed : p->remaining, a, sizeof a);
  if (p->finished)
    snprintf(field[5], MST_SHOW_SIZE, "in %.24s", a);
  else
    snprintf(field[5], MST_SHOW_SIZE, "%5.24s left", p->remaining < 0 ? "?:??" : a);
}

void mst_progress_line(const mst_progress *p, int width, bool utf8, char *text, size_t size) {
  static const int drop_order[] = {3, 4, 2, 1, 0}; /* time left stays longest */
  enum { FRAME = 8 + 2 + 5 };                      /* phase, two borders, percent */
  bool shown[FIELDS] = {true, true, true, true, true, true};
  char field[FIELDS][MST_SHOW_SIZE], bar[BAR_CELLS * 4] = "";
  int cells = 0;
  make_fields(p, field);
  for (int dropped = 0; dropped < FIELDS; dropped++) {
    cells = width - 1 - FRAME;
    for (int i = 0; i < FIELDS; i++)
      if (shown[i]) cells -= 2 + (int)strlen(field[i]);
    if (cells >= 8 || dropped == FIELDS - 1) break;
    shown[drop_order[dropped]] = false;
  }
  if (cells > BAR_CELLS) cells = BAR_CELLS;
  if (cells > 0) draw_bar(fraction(p), cells, utf8, bar, sizeof bar);
  int used = snprintf(text, size, "%-8s|%s|%4.0f%%", in_warmup(p) ? "warm-up" : "sampling", bar,
                      floor(100 * fraction(p)));
  for (int i = 0; i < FIELDS && used < (int)size; i++)
    if (shown[i]) used += snprintf(text + used, size - (size_t)used, "  %s", field[i]);
}

static void show_bar(mst_progress_view *view, const mst_progress *p) {
  char line[LINE], out[LINE + 16];
  mst_progress_line(p, width_of(view), view->utf8, line, sizeof line);
  int n = snprintf(out, sizeof out, "\r%s\033[K%s", line, p->finished ? "\n" : "");
  view->drawn = !p->finished;
  fwrite(out, 1, (size_t)n, stderr);
  fflush(stderr);
}

void mst_progress_date(char *text, size_t size) {
  time_t now = time(NULL);
  struct tm local;
  localtime_r(&now, &local);
  strftime(text, size, "%Y-%m-%dT%H:%M:%S", &local);
}

static void show_log(mst_progress_view *view, const mst_progress *p) {
  int tenth = (int)(10 * fraction(p));
  if (tenth <= view->tenth && p->elapsed - view->told_at < 30 && !p->finished) return;
  if (p->finished && view->tenth == 10) return;
  view->tenth = tenth;
  view->told_at = p->elapsed;
  char field[FIELDS][MST_SHOW_SIZE], date[40], line[LINE];
  mst_progress_date(date, sizeof date);
  make_fields(p, field);
  int n = snprintf(line, sizeof line, "%s %s %3.0f%%  %s  %s  %s  %s  %s  %s\n", date,
                   in_warmup(p) ? "warm-up " : "sampling", floor(100 * fraction(p)), field[0],
                   field[1], field[2], field[3], field[4], field[5]);
  fwrite(line, 1, (size_t)n, stderr);
  fflush(stderr);
}

void mst_progress_show(void *context, const mst_progress *progress) {
  mst_progress_view *view = context;
  if (view->mode == MST_PROGRESS_BAR) show_bar(view, progress);
  if (view->mode == MST_PROGRESS_LOG) show_log(view, progress);
}

void mst_progress_end(mst_progress_view *view) {
  if (!view->drawn) return;
  fputc('\n', stderr);
  fflush(stderr);
  view->drawn = false;
}
