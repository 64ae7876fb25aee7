-- A rate limiter: the generic cell rate algorithm (ITU-T I.371; redis-cell and throttled use it), which is a token bucket in one number.
-- `tat`, the theoretical arrival time, is when all requests that have passed are paid back, at one per period / count.
--
-- Guarantees: at most `burst` requests pass at one instant, and `count` per period in the long run, up to 10^6 a second. A refused call takes
-- nothing. Setting the machine's date changes nothing.
-- Evictable: a limiter that was evicted or deleted is full again. It expires when it would be full; one with a policy does not expire.
-- Bytes: 64 with a key of 15 bytes, 104 with a policy. Cost: a call reads one field and writes one.
--
-- Fields, times in monotonic milliseconds:
--   tat                     every limiter has it, so that one of a single field has nothing else
--   burst, count, period    the policy
--   blocked                 when a block ends
--   booked                  set by a booking beyond the burst, and valid for the limits that it was made with: their burst in milliseconds

local ceil, floor, max, min = math.ceil, math.floor, math.max, math.min

-- The rounding of `tat` stays below it for two years of uptime, and the clock's own steps are longer.
local GRAIN_MS = 1e-5
-- The rounding of long sums.
local GRAIN_SHARE = 2 ^ -50
local MAX_TTL_SECONDS = 0xffffffff
local MAX_MS = 2 ^ 53
local YEAR_MS = 366 * 86400000

-- The limiter during a call. Locals of the file are faster than a table, and calls run one after another.
local burst, count, period, n
-- `burstMs`: for how long a burst is paid back. `debtMs`: for how long the requests that have passed are: that of a whole number, if all have
-- passed at this instant.
local now, burstMs, debtMs, blockedMs, waitMs
-- `isCut`: whether other limits had let more pass. Then `tat` counts as the burst, since these limits would refuse all calls for long.
local hasMore, hasPolicy, isCut

-- Divides last, so that three a second do not drift.
local function msOf(requests)
  return requests * period / count
end

-- The debt, without the error of rounding where it is that of a whole number of requests: many calls at one instant do not add up errors.
local function exact(debt)
  local exactMs = msOf(floor(debt * count / period + 0.5))
  local error = debt - exactMs
  local grain = GRAIN_MS + debt * GRAIN_SHARE
  if error <= grain and error >= -grain then return exactMs end
  return debt
end

local function open(self, limits, call)
  now = call.monotonicMs
  hasMore = object.count(self) > 1
  hasPolicy = hasMore and self.period ~= nil
  burst, count, period, n = limits.burst, limits.count, limits.period_ms, limits.n
  if count == 0 or period == 0 then
    if not hasPolicy or count ~= 0 or period ~= 0 then
      call.refuse("give burst, count and period_ms, each from 1 on, or store a policy and give n only")
    end
    -- Without limits n is the first argument, unless arguments have names.
    if n == 1 then n = burst end
    burst, count, period = self.burst, self.count, self.period
  end
  burstMs = msOf(burst)
  if burstMs >= MAX_MS then call.refuse("burst * period_ms / count must be below 2^53") end
  debtMs = exact(max(0, (self.tat or 0) - now))
  blockedMs = hasMore and max(0, (self.blocked or 0) - now) or 0
  isCut = debtMs > burstMs and self.booked ~= burstMs
  if isCut then debtMs = burstMs end
end

local function roundedUp(ms)
  return max(0, ceil(ms - GRAIN_MS))
end

-- Objects expire by whole seconds of the server, the first of which has begun: hence one more.
local function liveFor(ms, call)
  local seconds = min(ceil(ms / 1000) + 1, MAX_TTL_SECONDS)
  if (call.ttlSeconds or 0) < seconds then call.expire(seconds) end
end

local function save(self, call)
  if n == 0 then return end
  self.tat = now + debtMs
  if debtMs > burstMs + GRAIN_MS then self.booked = burstMs
  elseif hasMore then self.booked = nil
  end
  if not hasPolicy then liveFor(debtMs, call) end
end

-- After a refusal.
local function saveCut(self, call)
  if isCut and n <= burst then save(self, call) end
end

-- Whether the requests pass, after a wait of at most so long.
local function passes(longestMs)
  waitMs = debtMs + msOf(n - burst)
  if n > burst or blockedMs > 0 or waitMs > longestMs then return false end
  debtMs = debtMs + msOf(n)
  return true
end

local function take(self, call, longestMs)
  if passes(longestMs) then
    save(self, call)
    return true
  end
  saveCut(self, call)
  return false
end

local function remaining()
  if blockedMs > 0 then return 0 end
  return max(0, min(burst, floor((burstMs - debtMs + GRAIN_MS + burstMs * GRAIN_SHARE) * count / period)))
end

local function resetMs()
  return roundedUp(max(debtMs, blockedMs))
end

-- -1 if the requests can never pass.
local function retryMs(longestMs)
  if n > burst then return -1 end
  return max(1, roundedUp(max(blockedMs, waitMs - longestMs)))
end

local function passed(word)
  return word .. " " .. burst .. " " .. remaining() .. " 0 " .. resetMs()
end

local function refused(longestMs)
  return "DENY " .. burst .. " " .. remaining() .. " " .. retryMs(longestMs) .. " " .. resetMs()
end

local function integer(name, minimum, default, maximum, description)
  return { name = name, type = "integer", minimum = minimum, default = default, maximum = maximum, description = description }
end

local function limits(...)
  return {
    integer("burst", 0, 1, nil, "requests that may pass at one instant; or n"),
    integer("count", 0, 0, nil, "requests per period"),
    integer("period_ms", 0, 0, YEAR_MS),
    integer("n", 0, 1, nil, "requests of this call; 0 looks only"),
    ...,
  }
end

return {
  name = "gcra",
  summary = "a rate limiter (token bucket)",
  missing = "empty",
  methods = {
    take = {
      access = "upsert",
      summary = "ALLOW or DENY, limit, remaining, retry_ms (-1: never), reset_ms",
      parameters = limits(),
      run = function(self, args, call)
        open(self, args, call)
        return take(self, call, 0) and passed("ALLOW") or refused(0)
      end,
    },
    peek = {
      access = "read",
      summary = "what take would return",
      parameters = limits(),
      run = function(self, args, call)
        open(self, args, call)
        return passes(0) and passed("ALLOW") or refused(0)
      end,
    },
    book = {
      access = "upsert",
      summary = "takes a later place: ALLOW as take and wait_ms, or DENY; with a policy: n and max_wait_ms",
      parameters = limits(integer("max_wait_ms", 0, 0)),
      run = function(self, args, call)
        local hasLimits = args.period_ms > 0
        local longestMs = (hasLimits or args.max_wait_ms > 0) and args.max_wait_ms or args.count
        open(self, { burst = args.burst, count = hasLimits and args.count or 0, period_ms = args.period_ms, n = args.n }, call)
        if take(self, call, longestMs) then return passed("ALLOW") .. " " .. roundedUp(waitMs) end
        return refused(longestMs)
      end,
    },
    refund = {
      access = "upsert",
      summary = "gives n requests back, never beyond full: OK, limit, remaining, 0, reset_ms",
      parameters = limits(),
      run = function(self, args, call)
        open(self, args, call)
        debtMs = max(0, debtMs - msOf(n))
        save(self, call)
        return passed("OK")
      end,
    },
    policy = {
      access = "upsert",
      summary = "stores limits, after which other methods need n only; the object then lives until evicted",
      parameters = { integer("burst", 1), integer("count", 1), integer("period_ms", 1, nil, YEAR_MS) },
      run = function(self, args, call)
        self.tat = self.tat or call.monotonicMs
        self.burst = args.burst
        self.count = args.count
        self.period = args.period_ms
        call.expire(0)
        return "OK"
      end,
    },
    block = {
      access = "upsert",
      summary = "refuses all requests for a number of milliseconds",
      parameters = { integer("ms", 0) },
      run = function(self, args, call)
        self.tat = self.tat or call.monotonicMs
        self.blocked = call.monotonicMs + args.ms
        if not self.period then liveFor(args.ms, call) end
        return "OK"
      end,
    },
    reset = {
      access = "upsert",
      summary = "forgets requests, bookings and a block; a policy stays",
      run = function(self, args, call)
        if not self.period then
          call.remove()
        else
          self.tat = call.monotonicMs
          self.blocked = nil
          self.booked = nil
        end
        return "OK"
      end,
    },
    clthrottle = {
      access = "upsert",
      summary = "CL.THROTTLE of redis-cell: its arguments, its five numbers, whole seconds, burst without the first request",
      parameters = {
        integer("max_burst", 0),
        integer("count", 1),
        integer("period_s", 1, nil, YEAR_MS / 1000),
        integer("quantity", 0, 1),
      },
      run = function(self, args, call)
        local limits = { burst = args.max_burst + 1, count = args.count, period_ms = args.period_s * 1000, n = args.quantity }
        open(self, limits, call)
        local isTaken = take(self, call, 0)
        local retry = isTaken and -1 or retryMs(0)
        if retry > 0 then retry = ceil(retry / 1000) end
        return (isTaken and 0 or 1) .. " " .. burst .. " " .. remaining() .. " " .. retry .. " " .. ceil(resetMs() / 1000)
      end,
    },
  },
}
