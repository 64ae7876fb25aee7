-- A quota: an amount that may be used in each calendar minute, hour, day or month of local time.
--
-- Fields: limit, period, used, window (the number of the calendar window in which `used` counts).

local MINUTES = { minute = 1, hour = 60, day = 24 * 60 }

-- Number of the calendar window that contains a time: it changes when the window does.
local function windowNumber(now, period)
  local date = os.date("*t", now)
  if period == "month" then return date.year * 12 + date.month - 1 end
  -- Days are counted by the calendar, so that days of 23 and 25 hours are days as well.
  local day = date.year * 366 + date.yday - 1
  local minute = (day * 24 + date.hour) * 60 + date.min
  return minute // MINUTES[period]
end

-- The same, computed once a minute: dates are slow.
local knownMinute = { minute = -1, hour = -1, day = -1, month = -1 }
local knownWindow = {}

local function currentWindow(now, period)
  local minute = now // 60
  if knownMinute[period] ~= minute then
    knownWindow[period] = windowNumber(now, period)
    knownMinute[period] = minute
  end
  return knownWindow[period]
end

-- The amount used in the current window.
local function usedNow(self, window)
  if self.window == window then return self.used end
  return 0
end

local function create(self, args, call)
  if not knownMinute[args.period] then
    call.abandon()
    return "NOT_CREATED"
  end
  self.limit = args.limit
  self.period = args.period
  self.used = 0
  self.window = currentWindow(call.now, args.period)
  return "CREATED"
end

local limitAndPeriod = {
  { name = "limit", type = "integer", minimum = 0 },
  { name = "period", type = "string" },
}

return {
  name = "quota",
  summary = "an amount per calendar minute, hour, day or month",
  missing = "value",
  methods = {
    new = {
      access = "create",
      summary = "makes a quota; NOT_CREATED unless the period is minute, hour, day or month",
      parameters = limitAndPeriod,
      run = create,
    },
    newifabsent = {
      access = "create",
      summary = "the same, but EXISTS where there is a quota already",
      parameters = limitAndPeriod,
      run = function(self, args, call)
        if not call.existed then return create(self, args, call) end
        call.abandon()
        return "EXISTS"
      end,
    },
    addandcheck = {
      access = "write",
      summary = "QUOTA_OK and uses n, or QUOTA_EXCEEDED and uses nothing",
      parameters = { { name = "n", type = "integer", minimum = 0, default = 1 } },
      run = function(self, args, call)
        local window = currentWindow(call.now, self.period)
        if self.window ~= window then
          if args.n > self.limit then return "QUOTA_EXCEEDED" end
          self.used = args.n
          self.window = window
          return "QUOTA_OK"
        end
        local used = self.used + args.n
        if used > self.limit then return "QUOTA_EXCEEDED" end
        self.used = used
        return "QUOTA_OK"
      end,
    },
    peek = {
      access = "read",
      summary = "the amount left in the current window",
      run = function(self, args, call)
        return self.limit - usedNow(self, currentWindow(call.now, self.period))
      end,
    },
    reset = {
      access = "write",
      summary = "resets the use to 0",
      run = function(self, args, call)
        self.used = 0
        self.window = currentWindow(call.now, self.period)
        return "QUOTA_OK"
      end,
    },
    ttl = {
      access = "write",
      summary = "seconds left, -1 for no expiry; or sets them, 0 for no expiry",
      parameters = { { name = "seconds", type = "integer", minimum = -1, maximum = 4294967295, default = -1 } },
      run = function(self, args, call)
        if args.seconds < 0 then return call.ttl or -1 end
        call.expire(args.seconds)
        return "SUCCESS"
      end,
    },
  },
}
