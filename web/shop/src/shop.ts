import { type Client, createClient } from "@unified-booking/client";
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Config } from "./config.js";
import { type Session, SessionStore } from "./session.js";

/** What every page needs. */
export interface Shop {
  config: Config;
  client: Client;
  sessions: SessionStore;
}

export function openShop(config: Config): Shop {
  const { baseUrl, feedUrl, appId, apiKey } = config;
  const sessions = new SessionStore(appId);
  const client = createClient({
    ...{ baseUrl, feedUrl, appId, apiKey },
    userToken: sessions.current?.token,
  });
  sessions.onChange(() => (client.userToken = sessions.current?.token));
  return { config, sessions, client };
}

export const ShopContext = createContext<Shop | undefined>(undefined);

export function useShop(): Shop {
  return useContext(ShopContext)!;
}

export function useSession(): Session | undefined {
  const { sessions } = useShop();
  const [session, setSession] = useState(sessions.current);
  useEffect(() => sessions.onChange(() => setSession(sessions.current)), []);
  return session;
}
