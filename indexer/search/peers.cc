#include "indexer/search/peers.h"

#include <future>

namespace vigie::indexer::search {

Result<v1::PeerAnswer> Peers::ask_and_wait(const std::string& peer,
                                           const v1::PeerQuestion& question) {
  // shared with the callback
  const auto promise = std::make_shared<std::promise<Result<v1::PeerAnswer>>>();
  auto answer = promise->get_future();
  ask(peer, question,
      [promise](Result<v1::PeerAnswer> result) { promise->set_value(std::move(result)); });
  return answer.get();
}

}  // namespace vigie::indexer::search
