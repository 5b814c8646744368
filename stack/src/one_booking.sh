# Addresses and keys, and a function that picks a value out of a response.
source {dev_env}
app=(-H "x-app-id: $EVENT_APP_ID" -H "x-api-key: $EVENT_API_KEY" -H "Origin: $EVENT_ORIGIN" -H "Content-Type: application/json")
pick() { python3 -c "import json, sys; data = json.load(sys.stdin)['data']; print($1)"; }

# 1. Sign up.
RESPONSE=$(curl -sS "$BASE_URL/auth/signup" "${app[@]}" -d "{\"email\": \"guest-$RANDOM$RANDOM$RANDOM@example.com\", \"password\": \"correct horse battery\", \"name\": \"A Guest\"}"); echo "$RESPONSE"
user=(-H "Authorization: Bearer $(echo "$RESPONSE" | pick "data['token']")")

# 2. List the free seats: print how many there are, and the first two.
RESPONSE=$(curl -sS "$BASE_URL/seats?entityId=$EVENT_ENTITY_ID" "${app[@]}" "${user[@]}"); echo "$RESPONSE" | pick "len(data['seats']), data['seats'][:2]"
SEATS=$(echo "$RESPONSE" | pick "json.dumps([seat['seatId'] for seat in data['seats'][:2]])")

# 3. Hold these two seats. Nobody else can book them for two minutes.
RESPONSE=$(curl -sS "$BASE_URL/reserve-seat" "${app[@]}" "${user[@]}" -d "{\"seatIds\": $SEATS}"); echo "$RESPONSE"
TOKEN=$(echo "$RESPONSE" | pick "data['reservationToken']")

# 4. Pay (simulated), and the seats are sold.
curl -sS -w '\n' "$BASE_URL/confirm-booking" "${app[@]}" "${user[@]}" -d "{\"reservationToken\": \"$TOKEN\", \"paymentId\": \"pay_$RANDOM$RANDOM$RANDOM\"}"

# 5. List your bookings.
curl -sS -w '\n' "$BASE_URL/bookings" "${app[@]}" "${user[@]}"
