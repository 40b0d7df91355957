#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

namespace interlink::cli {

// Waits for Enter at a terminal, or for lines of a pipe.
//
// In the background, what is typed is for the shell: it is left alone, and the
// terminal is read again once the program is back in the foreground.
//
// Threading: the thread of the loop. Lifetime: held by its own waits until
// Stop().
class EnterWatch : public std::enable_shared_from_this<EnterWatch> {
 public:
  EnterWatch(boost::asio::io_context& loop, std::function<void()> pressed);

  // Waits at `descriptor`, which it does not own, until Stop() or the end of
  // what is typed. A file, which cannot be waited for, is left alone.
  void Start(int descriptor);
  // Nothing is called any more.
  void Stop();

 private:
  void Await();
  void AwaitForeground();
  void Read();

  const std::function<void()> pressed_;
  boost::asio::posix::stream_descriptor input_;
  boost::asio::steady_timer pause_;
};

}  // namespace interlink::cli
