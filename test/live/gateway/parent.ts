/** A parent of a gateway, for the test that kills it. Says the gateway's process id and ports. */
import { GatewayProcess } from '../../../live/gateway/client.ts';
import { OPTIONS } from './options.ts';

const gateway = await GatewayProcess.start(OPTIONS);
process.send!({ pid: gateway.pid, url: gateway.url, adminUrl: gateway.adminUrl });
