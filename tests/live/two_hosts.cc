#include "tests/live/two_hosts.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <sstream>
#include <string_view>
#include <thread>

#include "judge/network_namespace.h"
#include "tests/cli/command_runner.h"

namespace bpfc::live_test {
namespace {

constexpr std::uint16_t kHttp = 80;
constexpr std::uint16_t kDns = 53;
constexpr std::size_t kDnsHeader = 12;
constexpr std::size_t kPageSize = 20000;

sockaddr_in address(const char* host, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  inet_pton(AF_INET, host, &result.sin_addr);
  return result;
}

class Socket {
 public:
  Socket(int type, int descriptor = -1)
      : descriptor_(descriptor >= 0 ? descriptor : socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    const timeval limit{2, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }
  ~Socket() { close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int number() const { return descriptor_; }
  bool bind_to(const char* host, std::uint16_t port) const {
    const sockaddr_in to = address(host, port);
    return bind(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  bool connect_to(const char* host, std::uint16_t port) const {
    const sockaddr_in to = address(host, port);
    return connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }

 private:
  int descriptor_;
};

bool send_all(int socket, const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t count = ::send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

// HTTP/1.0 (RFC 1945).
void serve_page(int listener) {
  const Socket client(SOCK_STREAM, accept(listener, nullptr, nullptr));
  std::array<char, 2048> request{};
  if (recv(client.number(), request.data(), request.size(), 0) <= 0) return;
  send_all(client.number(), "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
                                std::to_string(kPageSize) + "\r\n\r\n" +
                                std::string(kPageSize, 'x'));
}

bool send_frame(const char* interface, std::span<const std::uint8_t> frame) {
  const int raw = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(if_nametoindex(interface));
  const bool sent =
      sendto(raw, frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&to),
             sizeof to) == static_cast<ssize_t>(frame.size());
  close(raw);
  return sent;
}

}  // namespace

std::string run_ip(const std::string& words) {
  const std::string path = cli_test::find_installed("ip");
  if (path.empty()) return "ip is not installed";
  cli_test::Invocation invocation;
  std::istringstream text(words);
  for (std::string word; text >> word;) invocation.arguments.push_back(word);
  const cli_test::Outcome outcome = cli_test::run_program(path, invocation);
  return outcome.exit_code == 0 ? "" : "ip " + words + ": " + outcome.err;
}

// The question with one answer, 192.0.2.7 (RFC 1035).
void TwoHosts::answer(int socket) const {
  std::array<std::uint8_t, 512> message{};
  sockaddr_in from{};
  socklen_t size = sizeof from;
  const ssize_t length = recvfrom(socket, message.data(), message.size(), 0,
                                  reinterpret_cast<sockaddr*>(&from), &size);
  if (length < static_cast<ssize_t>(kDnsHeader)) return;
  const std::string_view text(reinterpret_cast<const char*>(message.data()),
                              static_cast<std::size_t>(length));
  // The first label of the name.
  if (text.substr(kDnsHeader + 1).starts_with("frames")) {
    for (const Frame& frame : frames_) send_frame("server", frame);
  }
  std::vector<std::uint8_t> reply(message.begin(), message.begin() + length);
  reply[2] = 0x84;
  reply[7] = 1;
  for (const int byte : {0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7}) {
    reply.push_back(static_cast<std::uint8_t>(byte));
  }
  sendto(socket, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
}

void TwoHosts::serve() const {
  const Socket http(SOCK_STREAM);
  const Socket dns(SOCK_DGRAM);
  const int on = 1;
  setsockopt(http.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!http.bind_to(TwoHosts::kServer, kHttp) || listen(http.number(), 8) != 0 ||
      !dns.bind_to(TwoHosts::kServer, kDns)) {
    _exit(1);
  }
  while (true) {
    pollfd ready[] = {{http.number(), POLLIN, 0}, {dns.number(), POLLIN, 0}};
    if (poll(ready, std::size(ready), -1) < 0 && errno != EINTR) _exit(1);
    if ((ready[0].revents & POLLIN) != 0) serve_page(http.number());
    if ((ready[1].revents & POLLIN) != 0) answer(dns.number());
  }
}

// The server's side, from its birth on.
void TwoHosts::be_server(int ready, int go) const {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  char byte = judge::enter_network_namespace().empty() ? 'y' : 'n';
  if (write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 1) _exit(1);
  for (const char* words :
       {"link set lo up", "addr add 10.66.0.2/24 dev server", "link set server up"}) {
    if (!run_ip(words).empty()) _exit(1);
  }
  serve();
}

TwoHosts::TwoHosts(std::vector<Frame> frames) : frames_(std::move(frames)) {
  why_not_ = judge::enter_network_namespace();
  if (why_not_.empty() && !set_up() && why_not_.empty()) why_not_ = "the other host is not up";
}

bool TwoHosts::set_up() {
  std::array<int, 2> ready{};
  std::array<int, 2> go{};
  if (pipe(ready.data()) != 0 || pipe(go.data()) != 0) return false;
  server_ = fork();
  if (server_ == 0) be_server(ready[1], go[0]);
  char byte = 0;
  if (read(ready[0], &byte, 1) != 1 || byte != 'y') return false;
  const std::vector<std::string> commands = {
      "link set lo up", "link add client type veth peer name server",
      "link set server netns " + std::to_string(server_), "addr add 10.66.0.1/24 dev client",
      "link set client up"};
  for (const std::string& words : commands) {
    if (why_not_ = run_ip(words); !why_not_.empty()) return false;
  }
  if (write(go[1], &byte, 1) != 1) return false;
  for (int i = 0; i < 200; ++i) {
    if (fetch("/")) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  return false;
}

TwoHosts::~TwoHosts() {
  if (server_ <= 0) return;
  kill(server_, SIGKILL);
  waitpid(server_, nullptr, 0);
}

bool TwoHosts::fetch(const std::string& path) const {
  const Socket client(SOCK_STREAM);
  if (!client.connect_to(kServer, kHttp)) return false;
  if (!send_all(client.number(), "GET " + path + " HTTP/1.0\r\n\r\n")) return false;
  std::size_t received = 0;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t count = recv(client.number(), buffer.data(), buffer.size(), 0);
    if (count <= 0) break;
    received += static_cast<std::size_t>(count);
  }
  return received > kPageSize;
}

bool TwoHosts::ask(const std::string& name) const {
  std::vector<std::uint8_t> query = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  std::istringstream labels(name);
  for (std::string label; std::getline(labels, label, '.');) {
    query.push_back(static_cast<std::uint8_t>(label.size()));
    query.insert(query.end(), label.begin(), label.end());
  }
  for (const int byte : {0, 0, 1, 0, 1}) query.push_back(static_cast<std::uint8_t>(byte));
  const Socket client(SOCK_DGRAM);
  if (!client.connect_to(kServer, kDns)) return false;
  if (::send(client.number(), query.data(), query.size(), 0) < 0) return false;
  std::array<std::uint8_t, 512> reply{};
  return recv(client.number(), reply.data(), reply.size(), 0) > static_cast<ssize_t>(query.size());
}

bool TwoHosts::send(std::span<const std::uint8_t> frame) const {
  return send_frame(kInterface, frame);
}

}  // namespace bpfc::live_test
