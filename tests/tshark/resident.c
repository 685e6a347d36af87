/* resident.c - lets a tshark that has registered all protocols once answer many command lines
 *
 * Preloaded into tshark, whose main() then stops behind epan_init(), where a start spends most of its time. For each
 * command line that comes it forks a process, in which main() begins anew with that command line, and passes by what
 * has been done.
 *
 * On the socket that IPHTTPS_RESIDENT numbers, each message is a command line, each argument with the NUL behind it,
 * with the descriptors of its standard input, output and error; the answer is the status that waitpid() has. At the
 * socket's end the process ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))
#define MESSAGE_MAX (128 * 1024)
#define ARGUMENTS_MAX 4096
#define STREAMS 3
#define BROKEN 125 /* an exit status that tshark does not have */

typedef int (*main_t)(int, char **, char **);
typedef int (*start_t)(main_t, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);
/* Of all versions: what they take fits, and what they do not take harms nothing. */
typedef int (*initializer_t)(void *, void *, long, void *);

static main_t tshark_main;
static jmp_buf beginning;
static bool is_forked;
static char message[MESSAGE_MAX + 1];
static char *arguments[ARGUMENTS_MAX + 1];
static int argument_count;

static void *next_function(const char *name)
{
  void *function = dlsym(RTLD_NEXT, name);

  if (function == NULL)
    _exit(BROKEN);
  return function;
}

/* Takes a command line and its streams; false at the socket's end. */
static bool receive(int channel, int streams[STREAMS])
{
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(STREAMS * sizeof(int))];
  } control;
  struct iovec content = {message, MESSAGE_MAX};
  struct msghdr envelope = {
      .msg_iov = &content, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t length = recvmsg(channel, &envelope, 0);
  struct cmsghdr *header = CMSG_FIRSTHDR(&envelope);

  if (length <= 0)
    return false;
  if (header == NULL || header->cmsg_len != CMSG_LEN(STREAMS * sizeof(int)) || (envelope.msg_flags & MSG_TRUNC))
    _exit(BROKEN);
  memcpy(streams, CMSG_DATA(header), STREAMS * sizeof(int));
  argument_count = 0;
  for (char *argument = message; argument < message + length; argument += strlen(argument) + 1) {
    if (argument_count == ARGUMENTS_MAX)
      _exit(BROKEN);
    arguments[argument_count++] = argument;
  }
  arguments[argument_count] = NULL;
  return true;
}

static void take_streams(const int streams[STREAMS])
{
  for (int number = 0; number < STREAMS; number++) {
    dup2(streams[number], number);
    close(streams[number]);
  }
}

/* Returns at the socket's end only; each forked process begins main() anew. */
static void serve(int channel)
{
  int streams[STREAMS];

  while (receive(channel, streams)) {
    pid_t process = fork();
    if (process == 0) {
      close(channel);
      take_streams(streams);
      is_forked = true;
      longjmp(beginning, 1);
    }
    for (int number = 0; number < STREAMS; number++)
      close(streams[number]);
    int status = BROKEN << 8;
    if (process > 0)
      waitpid(process, &status, 0);
    if (send(channel, &status, sizeof status, MSG_NOSIGNAL) != sizeof status)
      return;
  }
}

static int resident_main(int count, char **values, char **environment)
{
  (void)count;
  if (setjmp(beginning) == 0) {
    values[1] = NULL;
    return tshark_main(1, values, environment);
  }
  return tshark_main(argument_count, arguments, environ);
}

EXPORTED int __libc_start_main(main_t real_main, int count, char **values, void (*initialize)(void),
                               void (*finish)(void), void (*finish_loader)(void), void *stack_end)
{
  start_t start = (start_t)next_function("__libc_start_main");

  unsetenv("LD_PRELOAD");
  tshark_main = real_main;
  return start(resident_main, count, values, initialize, finish, finish_loader, stack_end);
}

EXPORTED void wtap_init(void *first, void *second, long third, void *fourth)
{
  if (!is_forked)
    ((initializer_t)next_function("wtap_init"))(first, second, third, fourth);
}

EXPORTED int epan_init(void *first, void *second, long third, void *fourth)
{
  if (is_forked)
    return true;
  const char *channel = getenv("IPHTTPS_RESIDENT");
  if (!((initializer_t)next_function("epan_init"))(first, second, third, fourth) || channel == NULL)
    _exit(BROKEN);
  unsetenv("IPHTTPS_RESIDENT");
  serve(atoi(channel));
  _exit(0);
}
