"""Signs a body with the Python client of Standard Webhooks: sign.py KEY ID BODY prints the headers as JSON."""

import datetime
import json
import sys

from standardwebhooks.webhooks import Webhook

key, message_id, body = sys.argv[1:]
now = datetime.datetime.now(tz=datetime.timezone.utc)
headers = {
    "webhook-id": message_id,
    "webhook-timestamp": str(int(now.timestamp())),
    "webhook-signature": Webhook(key).sign(msg_id=message_id, timestamp=now, data=body),
}
print(json.dumps(headers))
