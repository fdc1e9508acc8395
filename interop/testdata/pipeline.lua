-- Sixteen requests in one write, one of them of each kind that has no body or a short one.
function init(args)
	local r = {}
	for i = 1, 16 do
		if i % 4 == 0 then
			r[i] = wrk.format("POST", "/dump?" .. i, nil, "hello")
		else
			r[i] = wrk.format("GET", "/dump?" .. i)
		end
	end
	requests = table.concat(r)
end

function request()
	return requests
end
